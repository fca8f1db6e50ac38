import { parseArgs } from "node:util";
import { positive } from "../bench/options.ts";

const PARTS = ["build", "import"] as const;
type Part = (typeof PARTS)[number];

/** What `npm run bench:crl` was asked for. */
export interface CRLBenchOptions {
  readonly entries: readonly number[];
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** Of one look at OCSP beside the building. */
  readonly seconds: number;
  /** How long `openssl ca -gencrl` may take. */
  readonly opensslSeconds: number;
}

export const USAGE = `npm run bench:crl -- [options]
  --entries N,N…     entries of a CRL (10000,100000,1000000)
  --only PART        build or import (both)
  --rounds N         of which the median is shown (3)
  --seconds N        of each look at OCSP, with and without building beside it (8)
  --openssl SECONDS  how long "openssl ca -gencrl" may take on the same entries (120)

Builds and imports CRLs with a daemon on one core: seconds and CPU-seconds, the authority's private memory before
and at most, octets an entry; OCSP's p99 and revocations while full CRLs are built without a pause. Prints Markdown.
`;

/** Reads the arguments; "help" where that is asked for. Throws with what is wrong. */
export function readCRLOptions(args: readonly string[]): CRLBenchOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      entries: { type: "string", default: "10000,100000,1000000" },
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "8" },
      openssl: { type: "string", default: "120" },
    },
  });
  if (values.help) return "help";
  return {
    entries: values.entries.split(",").map((text) => positive("--entries", text)),
    parts: partsOf(values.only),
    rounds: positive("--rounds", values.rounds),
    seconds: positive("--seconds", values.seconds),
    opensslSeconds: positive("--openssl", values.openssl),
  };
}

function partsOf(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const part = PARTS.find((one) => one === only);
  if (part) return [part];
  throw new Error(`--only ${only}: there are ${PARTS.join(" and ")}`);
}
