import type { BadLine, ImportRow } from "../admin-import-types.ts";

/** What one file of an import says. */
export interface Parsed {
  /**
   * What a row of this file claims. A certificate claims only that it was issued, and yields to a
   * register's line about the same serial number; its rows have status good.
   */
  readonly claims: "issuance" | "status";
  readonly rows: readonly ImportRow[];
  readonly bad: readonly BadLine[];
}

/** Something in the input that cannot be used, and why, in the operator's words. */
export interface Wrong {
  readonly wrong: string;
}

/** Whether a step went wrong. */
export function isWrong(outcome: object): outcome is Wrong {
  return "wrong" in outcome;
}
