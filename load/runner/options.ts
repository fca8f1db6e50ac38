import { parseArgs } from "node:util";
import { SCENARIOS } from "./run-scenario.ts";

/** What `npm run load` was asked for. */
export interface LoadOptions {
  /** Names of scenarios, in their order. */
  readonly names: readonly string[];
  readonly records: number;
  /** Requests a second at a scenario's height. */
  readonly rate: number;
  /** Of each scenario. */
  readonly seconds: number;
  readonly p99Ms: number;
  /** The report's file; nothing for standard output. */
  readonly report: string | undefined;
}

export const USAGE: string = `npm run load -- [SCENARIO…] [options]
  --records N    certificates in the store (10000)
  --rate N       requests a second at a scenario's height (1000)
  --seconds N    of each scenario (30)
  --p99 N        milliseconds that 99 of 100 answers may take (50)
  --report FILE  writes the report there instead of printing it

Without a scenario, all of them: ${Object.keys(SCENARIOS).join(", ")}.
k6 is found on the PATH, or by the environment's K6.
`;

/** Reads the arguments; "help" where that is asked for. Throws with what is wrong. */
export function readLoadOptions(args: readonly string[]): LoadOptions | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      records: { type: "string", default: "10000" },
      rate: { type: "string", default: "1000" },
      seconds: { type: "string", default: "30" },
      p99: { type: "string", default: "50" },
      report: { type: "string" },
    },
  });
  if (values.help) return "help";
  const unknown = positionals.find((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}`);
  return {
    names: positionals.length > 0 ? positionals : Object.keys(SCENARIOS),
    records: wholeNumber("--records", values.records, 1_000),
    rate: wholeNumber("--rate", values.rate, 10),
    seconds: wholeNumber("--seconds", values.seconds, 10),
    p99Ms: wholeNumber("--p99", values.p99, 1),
    report: values.report,
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`${option} ${text}: expected a whole number of at least ${least}`);
}
