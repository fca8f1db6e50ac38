import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../observe/logger.ts";

/** An error of lmdb-js for a commit that failed: LMDB's own is what the promise rejects with, in the same turn. */
type CommitFailure = Error & { readonly commitError: Promise<never> };

/** Where lmdb-js never tells. */
const LONGEST_MS = 100;
/** Of no use to whoever has to make room. */
const WHERE = /: Attempting to write page.*$/s;

export function isCommitFailure(error: unknown): error is CommitFailure {
  return error instanceof Error && "commitError" in error;
}

/** Why a write failed, in LMDB's own words (`No space left on device`) where it was the commit. */
export function writeFailureText(error: unknown): Promise<string> {
  if (!isCommitFailure(error)) return Promise.resolve(errorText(error));
  const told = Promise.resolve(error.commitError).catch((own: unknown) =>
    errorText(own).replace(WHERE, ""),
  );
  return Promise.race([told, sleep(LONGEST_MS, errorText(error))]);
}
