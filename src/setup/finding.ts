import type { Clock } from "../authority/clock.ts";
import type { IssuerFiles } from "../authority/issuer-files.ts";
import type { Config, Problem } from "../config/config.ts";
import type { ProbedKeys } from "./probed-keys.ts";

/** Something that `vouch check` found: a problem fails the check, a warning only tells. */
export interface Finding extends Problem {
  readonly weight: "problem" | "warning";
}

/** What there is to check, read once. */
export interface Setup {
  readonly config: Config;
  readonly issuers: readonly IssuerFiles[];
  readonly keys: ProbedKeys;
  readonly clock: Clock;
}

/** Looks for one kind of fault, and changes nothing. */
export type Check = (setup: Setup) => readonly Finding[] | Promise<readonly Finding[]>;

/** A finding that fails the check. */
export function problem(found: Problem): Finding {
  return { weight: "problem", ...found };
}

/** A finding that only tells. */
export function warning(found: Problem): Finding {
  return { weight: "warning", ...found };
}
