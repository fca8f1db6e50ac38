// A few hundred clients look for a new CRL over and over, and all fetch it once the runner has published
// one; OCSP goes on beside them, and must not suffer.
import { sleep } from "k6";
import { askByPost, CRL, POST, refreshCrl } from "./asking.ts";
import { SECONDS } from "./inputs.ts";
import { constantRate, options as makeOptions, type Options } from "./options.ts";

const CLIENTS = 300;
/** Between two looks of a client, in seconds. */
const PAUSE = { least: 0.5, most: 1.5 };

const clients = { executor: "constant-vus", vus: CLIENTS, duration: `${SECONDS}s`, exec: "look" };
const made = makeOptions({ clients, ocsp: constantRate("ask") }, [CRL, POST]);

export const options: Options = {
  ...made,
  // Each client downloads the first and at least one that was published meanwhile.
  thresholds: { ...made.thresholds, crl_downloads: [`count>=${2 * CLIENTS}`] },
};

export { handleSummary } from "./inputs.ts";

/** What a client does that keeps the CRL it has. */
export function look(): void {
  refreshCrl();
  sleep(PAUSE.least + Math.random() * (PAUSE.most - PAUSE.least));
}

/** What others do meanwhile. */
export function ask(): void {
  askByPost();
}
