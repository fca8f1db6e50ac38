import type { ChangeReport } from "../authority/admin-types.ts";
import { Failure, failureOf } from "./failure.ts";
import type { NamedCertificates } from "./named-certificates.ts";

/** Nothing asked yet. */
export const NO_CHANGE: ChangeReport = {
  changed: 0,
  alreadyRevoked: 0,
  refused: [],
  unsigned: [],
  sequence: null,
};

/** One request names at most as many as one transaction of the store takes. */
const LARGEST_PORTION = 1000;

/** The same certificates in requests of a size that lets others in between. */
export function inPortions({ issuer, serialNumbers }: NamedCertificates): NamedCertificates[] {
  const portions: NamedCertificates[] = [];
  for (let at = 0; at < serialNumbers.length; at += LARGEST_PORTION) {
    portions.push({ issuer, serialNumbers: serialNumbers.slice(at, at + LARGEST_PORTION) });
  }
  return portions;
}

/** What was done and what the next request did. If that fails, the failure tells what was done. */
export async function addUp(
  done: ChangeReport,
  next: Promise<ChangeReport>,
): Promise<ChangeReport> {
  const report = await next.catch((error: unknown) => {
    throw afterDone(failureOf(error), done);
  });
  return {
    changed: done.changed + report.changed,
    alreadyRevoked: done.alreadyRevoked + report.alreadyRevoked,
    refused: [...done.refused, ...report.refused],
    unsigned: [...done.unsigned, ...report.unsigned],
    sequence: report.sequence ?? done.sequence,
  };
}

function afterDone(failure: Failure, done: ChangeReport): Failure {
  if (done === NO_CHANGE) return failure;
  return new Failure(
    failure.code,
    `${failure.message} (before that, ${done.changed} were changed, the last as journal ${done.sequence})`,
    `${failure.do}; then give the same command again: what is done is not done twice`,
  );
}
