import { CRL } from "./asking.ts";
import { P99_MS, RATE, SECONDS } from "./inputs.ts";

/** A CRL is hundreds of times as long as an answer. */
const CRL_ALLOWANCE = 4;

type Thresholds = Record<string, readonly string[]>;

/** What every scenario measures, and what it must reach. */
export interface Options {
  readonly scenarios: Readonly<Record<string, object>>;
  readonly thresholds: Thresholds;
  readonly summaryTrendStats: readonly string[];
}

/** Options of a script: nothing fails, and 99 of 100 answers of each kind come in time, a CRL in four times that. */
export function options(scenarios: Options["scenarios"], names: readonly string[]): Options {
  const inTime = names.map((name) => [
    `http_req_duration{name:${name}}`,
    [`p(99)<${name === CRL ? P99_MS * CRL_ALLOWANCE : P99_MS}`],
  ]);
  return {
    scenarios,
    thresholds: {
      http_req_failed: ["rate==0"],
      checks: ["rate==1"],
      // Else the machine or the responder did not keep the pace, and the times mean little.
      dropped_iterations: [`count<${Math.ceil((RATE * SECONDS) / 100)}`],
      ...(Object.fromEntries(inTime) as Thresholds),
    },
    summaryTrendStats: ["count", "med", "p(95)", "p(99)", "max"],
  };
}

const USERS = { preAllocatedVUs: 200, maxVUs: 1_000 };

/** Begins this many a second, however long each takes. */
export function constantRate(exec: string, rate: number = RATE): object {
  const pace = { rate, timeUnit: "1s", duration: `${SECONDS}s` };
  return { executor: "constant-arrival-rate", ...pace, ...USERS, exec };
}

/** From a tenth of the rate up to all of it, for a while there, and down to a fifth. */
export function peakRate(exec: string): object {
  const during = (part: number): string => `${Math.round(SECONDS * part)}s`;
  const stages = [
    { target: RATE, duration: during(0.4) },
    { target: RATE, duration: during(0.3) },
    { target: Math.ceil(RATE / 5), duration: during(0.3) },
  ];
  const startRate = Math.ceil(RATE / 10);
  return { executor: "ramping-arrival-rate", startRate, timeUnit: "1s", stages, ...USERS, exec };
}
