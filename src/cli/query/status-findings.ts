import { type Finding, wrong } from "./finding.ts";

/** What an OCSP error means, and what to do (RFC 6960 2.3, RFC 9919 3.2.3). */
export function errorStatusFinding(responseStatus: string): Finding[] {
  const meaning = MEANINGS[responseStatus];
  return meaning ? [wrong(`the responder says ${responseStatus}: ${meaning[0]}`, meaning[1])] : [];
}

const MEANINGS: Readonly<Record<string, readonly [string, string]>> = {
  malformedRequest: [
    "it does not understand the request",
    "try another --hash, without --nonce, or the other --method",
  ],
  internalError: ["it failed", "see the responder's log"],
  tryLater: ["it cannot answer now", "ask again; if it stays, see the responder's log"],
  sigRequired: ["it answers signed requests only", "have it answer unsigned ones, as clients send"],
  unauthorized: [
    "it does not serve this CA, or never heard of this certificate, or has dropped it after expiry",
    "see that --issuer is the CA that issued the certificate, and that the responder knows both; old responders know only --hash sha1",
  ],
};
