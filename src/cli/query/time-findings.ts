import type { ReadTime } from "../../der/lenient-time.ts";
import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import type { BasicOCSPResponse, SingleResponse } from "../../ocsp/any-response.ts";
import { advice, type Finding, wrong } from "./finding.ts";

/** What the time is, and how much clocks may differ. */
export interface Clock {
  readonly now: UnixSeconds;
  readonly skewSeconds: number;
}

const LONGEST_LIFE = 10 * 86_400;

/** What an answer's times are against the clock (RFC 6960 3.2, RFC 9919 5). */
export function timeFindings(
  { producedAt }: Pick<BasicOCSPResponse, "producedAt">,
  { thisUpdate, nextUpdate }: Pick<SingleResponse, "thisUpdate" | "nextUpdate">,
  clock: Clock,
): Finding[] {
  const findings: Finding[] = [];
  for (const [name, time] of [
    ["thisUpdate", thisUpdate],
    ["producedAt", producedAt],
  ] as const) {
    if (isFuture(time, clock)) findings.push(futureFinding(name, time.at ?? 0, clock));
  }
  const ends = nextUpdate?.at;
  const began = thisUpdate.at;
  if (ends !== undefined && began !== undefined && ends - began >= LONGEST_LIFE + 1) {
    findings.push(
      advice(
        `the answer is in force for ${durationWords(ends - began)}: a revocation may be seen as late as that`,
        "have answers last 10 days at most, as the CA/Browser Forum allows for subscribers' certificates (4.9.9)",
      ),
    );
  }
  if (ends !== undefined && clock.now - clock.skewSeconds > ends) {
    findings.push(
      wrong(
        `the answer expired on ${rfc3339(ends)}, ${durationWords(clock.now - ends)} ago (nextUpdate)`,
        "see why the responder does not renew its answers, or that this machine's clock is right",
      ),
    );
  }
  return findings;
}

function isFuture({ at }: ReadTime, { now, skewSeconds }: Clock): boolean {
  return at !== undefined && at > now + skewSeconds;
}

function futureFinding(name: string, at: UnixSeconds, { now }: Clock): Finding {
  return wrong(
    `${name} ${rfc3339(at)} is ${durationWords(at - now)} in the future`,
    "compare the clocks of the responder and of this machine; --skew allows for more",
  );
}

/** A span of time as people say it. */
function durationWords(seconds: number): string {
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count >= 2) return `${count} ${unit}s`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

const UNITS = [
  ["year", 365 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
