import type { ErrorCode } from "./admin-types.ts";

/** What was asked for is not done: why, and what to do; the command prints both. */
export class Refused extends Error {
  override name = "Refused";
  readonly code: ErrorCode;
  readonly do: string;

  constructor(code: ErrorCode, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.do = remedy;
  }
}

/** Nothing is signed now. */
export function clockStopped(): Refused {
  return new Refused(
    "clockStopped",
    "signing is stopped, since this machine's clock cannot be relied on (vouch check tells more)",
    "set the clock right, then: vouch clock accept",
  );
}
