import { parseArgs } from "node:util";
import { positive } from "../bench/options.ts";

/** What `npm run flood` was asked for; rates are a second. */
export interface FloodOptions {
  readonly records: number;
  /** Of pre-signed answers. */
  readonly rate: number;
  /** Of what floods. */
  readonly flood: number;
  /** That the flood comes from. */
  readonly addresses: number;
  /** Of one measurement. */
  readonly seconds: number;
  readonly rounds: number;
  /** Whether the authority has the responder's core, or that of what asks. */
  readonly authority: "beside" | "apart";
}

export const USAGE = `npm run flood -- [options]
  --records N    certificates in the store (10000)
  --rate N       pre-signed answers a second, whose p99 is measured (500)
  --flood N      requests a second that flood (3000)
  --addresses N  client addresses that the flood comes from (64)
  --seconds N    of each measurement (10)
  --rounds N     rounds over all floods (3)
  --one-core     the authority shares the responder's core, not that of what asks

Measures the p99 of pre-signed answers without a flood, under as many plain requests, under a flood of nonces
and under one of serial numbers that nobody issued, in turn; prints Markdown.
`;

const WHOLE = { type: "string" } as const;

/** Reads the arguments; "help" where that is asked for. Throws with what is wrong. */
export function readFloodOptions(args: readonly string[]): FloodOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      records: { ...WHOLE, default: "10000" },
      rate: { ...WHOLE, default: "500" },
      flood: { ...WHOLE, default: "3000" },
      addresses: { ...WHOLE, default: "64" },
      seconds: { ...WHOLE, default: "10" },
      rounds: { ...WHOLE, default: "3" },
      "one-core": { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  return {
    records: positive("--records", values.records),
    rate: positive("--rate", values.rate),
    flood: positive("--flood", values.flood),
    addresses: positive("--addresses", values.addresses),
    seconds: positive("--seconds", values.seconds),
    rounds: positive("--rounds", values.rounds),
    authority: values["one-core"] ? "beside" : "apart",
  };
}
