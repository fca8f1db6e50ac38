import type { Exchange } from "./exchange.ts";
import { advice, type Finding, wrong } from "./finding.ts";

const OCSP_RESPONSE = "application/ocsp-response";

/** What the HTTP around an answer has wrong, whatever the answer says (RFC 6960 A.2). */
export function httpFindings({ status, headers, body }: Exchange): Finding[] {
  if (status >= 300 && status < 400) {
    const location = headers.get("location") ?? "nowhere";
    return [
      wrong(
        `HTTP ${status}, a redirection to ${location}, which OCSP clients do not follow`,
        "give that URL, and write it into certificates",
      ),
    ];
  }
  const findings: Finding[] = [];
  if (status !== 200) {
    findings.push(wrong(`HTTP status ${status} instead of 200`, statusRemedy(status)));
  }
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (status === 200 && type !== OCSP_RESPONSE) {
    findings.push(
      wrong(
        `Content-Type is ${type ?? "absent"}, not ${OCSP_RESPONSE}`,
        "have the responder, or the proxy before it, send that; CryptoAPI and nginx refuse others",
      ),
    );
  }
  if (headers.has("content-encoding")) {
    findings.push(
      advice(
        `the answer is encoded with ${headers.get("content-encoding")}`,
        "switch compression off for OCSP in the proxy",
      ),
    );
  }
  if (status === 200 && body.length === 0) {
    findings.push(wrong("the answer is empty", "see the responder's log"));
  }
  return findings;
}

function statusRemedy(status: number): string {
  if (status === 404) return "see that the URL's path is the responder's";
  if (status === 405) return "try the other --method; a responder has to take GET and POST";
  if (status === 429 || status === 503) return "ask again later, and more slowly";
  if (status >= 500) return "see the log of the responder, or of the proxy before it";
  return "see that the URL is a responder's";
}
