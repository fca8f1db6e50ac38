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
