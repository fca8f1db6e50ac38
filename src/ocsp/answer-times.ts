import type { UnixSeconds } from "../der/time.ts";
import type { AnswerTimes } from "./record.ts";

/** What binds the times of a new answer. */
export interface TimesInput {
  readonly now: UnixSeconds;
  readonly validitySeconds: number;
  readonly backdateSeconds: number;
  /** When what the answer rests on ends: its signer's certificate, the CRL that it is taken from. */
  readonly endsBefore: UnixSeconds;
  /** When the status that the answer reports came about; nothing where it has long been so. */
  readonly changedAt: UnixSeconds | undefined;
  /** thisUpdate of the certificate's last answer, 0 for none. */
  readonly lastThisUpdate: UnixSeconds;
}

/**
 * The times of an answer signed now (RFC 6960 2.4): producedAt is now; thisUpdate is backdated for relying
 * parties whose clocks are slow, but not to before the status was true, and it rises with every answer;
 * nextUpdate counts from thisUpdate, both ends included, and comes before the end of what the answer rests on.
 * Where that leaves no answer yet, the number of seconds to wait.
 */
export function answerTimes(input: TimesInput): AnswerTimes | number {
  const thisUpdate = Math.max(
    input.now - input.backdateSeconds,
    input.changedAt ?? 0,
    input.lastThisUpdate + 1,
  );
  if (thisUpdate > input.now) return thisUpdate - input.now;
  const nextUpdate = Math.min(thisUpdate + input.validitySeconds - 1, input.endsBefore - 1);
  return { thisUpdate, producedAt: input.now, nextUpdate };
}
