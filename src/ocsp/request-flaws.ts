import type { Flaw } from "../der/flaw.ts";
import { parametersOf } from "../x509/algorithm-identifier.ts";
import type { AnyCertID } from "./any-cert-id.ts";
import type { AnyRequest } from "./any-request.ts";
import { extensionFlaws } from "./extension-flaws.ts";
import { MOST_CERT_IDS } from "./request.ts";

/** All that a request has against the RFCs, and what responders do not like. */
export function requestFlaws(request: AnyRequest): Flaw[] {
  return [
    ...listFlaws(request),
    ...request.requestList.flatMap(({ singleRequestExtensions }, i) =>
      extensionFlaws(
        singleRequestExtensions,
        "singleRequestExtensions",
        `requestList[${i}].singleRequestExtensions`,
      ),
    ),
    ...extensionFlaws(request.requestExtensions, "requestExtensions", "requestExtensions"),
  ];
}

function* listFlaws({
  requestList,
  requestorName,
  optionalSignature,
}: AnyRequest): Generator<Flaw> {
  const where = "requestList";
  const count = requestList.length;
  if (count === 0) {
    yield { where, problem: "it asks for no certificate", rule: "RFC 6960 4.1.1", weight: "error" };
  }
  if (count > 1) {
    const more = count > MOST_CERT_IDS ? `, and Vouch refuses more than ${MOST_CERT_IDS}` : "";
    const problem = `it asks for ${count} certificates: many responders answer one${more}`;
    yield { where, problem, rule: "RFC 9919 3.1.1", weight: "advice" };
  }
  for (const [i, { certID }] of requestList.entries()) {
    yield* hashFlaws(certID, `requestList[${i}].reqCert`);
  }
  if (requestorName && !optionalSignature) {
    const problem = "a name without a signature means nothing, and is passed over";
    yield { where: "requestorName", problem, rule: "RFC 9919 3.1.2", weight: "advice" };
  }
}

function* hashFlaws({ hash, hashAlgorithm }: AnyCertID, where: string): Generator<Flaw> {
  if (!hash) {
    const problem = `hash algorithm ${hashAlgorithm.oid} is not one that responders answer`;
    yield { where, problem, rule: "RFC 9919 3.1.1", weight: "advice" };
  } else if (parametersOf(hashAlgorithm) === "other") {
    const problem = "the hash algorithm's parameters are neither NULL nor absent";
    yield { where, problem, rule: "RFC 5754 2", weight: "error" };
  } else if (hash === "sha1") {
    const problem = "SHA-1: clients of today ask with SHA-256";
    yield { where, problem, rule: "RFC 9919 3.1.1", weight: "advice" };
  }
}
