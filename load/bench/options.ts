import { parseArgs } from "node:util";

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly records: number;
  /** Names of servers; nothing for all. */
  readonly only: readonly string[] | undefined;
  /** Where all figures go as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --rounds N    rounds over all servers (5)
  --seconds N   of each measurement (6)
  --records N   certificates in the store (10000)
  --only NAMES  only these servers, with commas between
  --json FILE   writes every figure there
`;

/** Reads the arguments. Throws with what is wrong and what may be said. */
export function readOptions(args: readonly string[], servers: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "6" },
      records: { type: "string", default: "10000" },
      only: { type: "string" },
      json: { type: "string" },
    },
  });
  return {
    rounds: positive("--rounds", values.rounds),
    seconds: positive("--seconds", values.seconds),
    records: positive("--records", values.records),
    only: values.only === undefined ? undefined : serverNames(values.only, servers),
    json: values.json,
  };
}

/** A whole number of at least 1. Throws with what is wrong. */
export function positive(option: string, text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new Error(`${option} ${text}: expected a whole number of at least 1`);
}

function serverNames(text: string, servers: readonly string[]): string[] {
  const names = text.split(",");
  const unknown = names.find((name) => !servers.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`--only ${unknown}: no such server; there are ${servers.join(", ")}`);
}
