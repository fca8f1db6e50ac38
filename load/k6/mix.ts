import {
  askAgain,
  askByGet,
  askByPost,
  CONDITIONAL,
  CRL,
  downloadCrl,
  GET,
  POST,
} from "./asking.ts";

/** The kinds of requests in the mix. */
export const MIX: readonly string[] = [POST, GET, CONDITIONAL, CRL];

/** One request as a country's relying parties send them: three of four are OCSP by POST. */
export function askMixed(): void {
  const dice = Math.random();
  if (dice < 0.75) askByPost();
  else if (dice < 0.87) askByGet();
  else if (dice < 0.97) askAgain();
  else downloadCrl();
}
