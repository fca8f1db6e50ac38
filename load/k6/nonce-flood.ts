// Three of four requests have a nonce, which wants a signature; the others are answered as if they were alone.
import { askByPost, askWithNonce, POST } from "./asking.ts";
import { RATE } from "./inputs.ts";
import { constantRate, options as makeOptions, type Options } from "./options.ts";

export const options: Options = makeOptions(
  { nonces: constantRate("flood", 3 * RATE), ocsp: constantRate("ask") },
  [POST],
);

export { handleSummary } from "./inputs.ts";

/** What floods. */
export function flood(): void {
  askWithNonce();
}

/** What others do meanwhile. */
export function ask(): void {
  askByPost();
}
