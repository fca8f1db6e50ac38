import { dataFile } from "../config/data-files.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import {
  aheadWarnings,
  CLOCK_LEEWAY_SECONDS,
  type ClockStop,
  readClockState,
} from "../store/clock-state.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { readSummary } from "../store/summary.ts";
import { statsOf } from "./file-access.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";

/** Vouch is younger than this, so a clock before it was never set. */
const FIRST_YEAR = 2024;
const SET_THE_CLOCK =
  "set this machine's clock right, and keep it so (timedatectl, chronyc tracking)";

/** Whether the clock can be right: relying parties refuse answers from the future, and those that are over. */
export function checkClock({ config, clock }: Setup): Finding[] {
  const file = dataFile(config.data);
  const written = statsOf(file)?.mtimeMs;
  // After what it is compared with: a daemon may be writing.
  const now = clock();
  if (new Date(now * 1000).getUTCFullYear() < FIRST_YEAR) return [neverSet(now)];
  if (written === undefined || written / 1000 <= now + CLOCK_LEEWAY_SECONDS) return [];
  return [clockBehind(file, "was last written", Math.floor(written / 1000), now)];
}

function neverSet(now: number): Finding {
  return problem({
    where: "system clock",
    problem: `says ${rfc3339(now)}, which is before Vouch was made`,
    do: SET_THE_CLOCK,
  });
}

/** The clock is behind something that has happened already. */
export function clockBehind(where: string, what: string, at: number, now: number): Finding {
  return problem({
    where,
    problem: `${what} on ${rfc3339(at)}, and this machine's clock says ${rfc3339(now)}`,
    do: SET_THE_CLOCK,
  });
}

/** What the authority keeps of the clock: whether it stopped signing, or would if it started now. */
export function clockFindings(store: Pick<StoreReader, "get">, { clock }: Setup): Finding[] {
  const state = readClockState(store);
  // After the read: the authority may be writing.
  const now = clock();
  if (state?.stopped) return [signingStopped(state.stopped)];
  const ahead = aheadFindings(store, now);
  if (ahead.length > 0) return ahead;
  if (!state || state.seen - now <= CLOCK_LEEWAY_SECONDS) return [];
  return [clockBehind("system clock", "the authority last saw it", state.seen, now)];
}

function aheadFindings(store: Pick<StoreReader, "get">, now: UnixSeconds): Finding[] {
  const issuers = readServiceView(store)?.issuers ?? [];
  return aheadWarnings({ issuers, summary: readSummary(store), now }).map((text) =>
    warning({
      where: "system clock",
      problem: text,
      do: "nothing shortens this but certificates with other serial numbers; keep the clock right from now on",
    }),
  );
}

function signingStopped({ since, reason }: ClockStop): Finding {
  return problem({
    where: "system clock",
    problem: `signing is stopped since ${rfc3339(since)}: ${reason}`,
    do: `${SET_THE_CLOCK}; then: vouch clock accept`,
  });
}
