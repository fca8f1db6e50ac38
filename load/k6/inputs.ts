import { SharedArray } from "k6/data";

// k6 itself defines these, everywhere.
declare const __ENV: Readonly<Record<string, string | undefined>>;
declare function open(path: string): string;

function input(name: string): string {
  const value = __ENV[name];
  if (value === undefined) throw new Error(`${name} is not set: start this with npm run load`);
  return value;
}

/** Of the responder, without a slash at the end. */
export const URL: string = input("RESPONDER");
export const CRL_PATH: string = input("CRL_PATH");
/** Requests a second at the scenario's height. */
export const RATE: number = Number(input("RATE"));
export const SECONDS: number = Number(input("SECONDS"));
/** Milliseconds that 99 of 100 answers may take. */
export const P99_MS: number = Number(input("P99_MS"));
/** OCSPRequests in base64, read once for all virtual users. */
export const REQUESTS: SharedArray<string> = new SharedArray<string>(
  "requests",
  () => JSON.parse(open(input("REQUESTS"))) as string[],
);

/** Leaves k6's measurements where the runner looks for them, and prints nothing. */
export function handleSummary(measured: unknown): Record<string, string> {
  return { [input("SUMMARY")]: JSON.stringify(measured) };
}
