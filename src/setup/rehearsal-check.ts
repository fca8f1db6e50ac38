/** One thing that was looked at. */
export interface RehearsalCheck {
  readonly check: "certificate" | "key" | "answers" | "openssl";
  readonly result: "passed" | "failed" | "skipped";
  /** What was done, or what is wrong and what to do. */
  readonly detail: string;
}
