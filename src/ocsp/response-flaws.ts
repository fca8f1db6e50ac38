import type { Flaw } from "../der/flaw.ts";
import type { ReadTime } from "../der/lenient-time.ts";
import { algorithmFlaws } from "../x509/algorithm-flaws.ts";
import { parametersOf } from "../x509/algorithm-identifier.ts";
import { CRLReason, reasonName } from "../x509/reason.ts";
import type { AnyResponse, BasicOCSPResponse, SingleResponse } from "./any-response.ts";
import { extensionFlaws } from "./extension-flaws.ts";
import { type ResponseStatus, responseStatusName } from "./response-status.ts";

const KEY_HASH_OCTETS = 20;
const EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9";

/** All that an answer has against the RFCs that can be told without a clock and a certificate. */
export function responseFlaws(response: AnyResponse): Flaw[] {
  const status = responseStatusName(response.responseStatus);
  return [...statusFlaws(response, status), ...(response.basic ? basicFlaws(response.basic) : [])];
}

function flaw(weight: Flaw["weight"], where: string, problem: string, rule: string): Flaw {
  return { where, problem, rule, weight };
}

function* statusFlaws(response: AnyResponse, status: ResponseStatus | undefined): Generator<Flaw> {
  const { responseStatus, responseType, basic } = response;
  if (!status) {
    const problem = `there is no status ${responseStatus}`;
    yield flaw("error", "responseStatus", problem, "RFC 6960 4.2.1");
  } else if (status === "successful" && responseType === undefined) {
    yield flaw("error", "responseBytes", "successful, and yet without an answer", "RFC 6960 4.2.1");
  } else if (status !== "successful" && responseType !== undefined) {
    yield flaw("error", "responseBytes", `${status}, and yet with an answer`, "RFC 6960 4.2.1");
  } else if (status === "successful" && !basic) {
    const problem = `the answer is of type ${responseType}, not id-pkix-ocsp-basic`;
    yield flaw("error", "responseType", problem, "RFC 6960 4.2.1");
  }
}

function* basicFlaws(basic: BasicOCSPResponse): Generator<Flaw> {
  const { responderID, responses, responseExtensions, certs } = basic;
  if ("byName" in responderID) {
    const problem = "the signer is given by its name, which new responders do by its key";
    yield flaw("advice", "responderID", problem, "RFC 9919 3.2.2");
  } else if (responderID.byKey.length !== KEY_HASH_OCTETS) {
    const problem = `byKey has ${responderID.byKey.length} octets: it is a SHA-1 hash, of 20`;
    yield flaw("error", "responderID", problem, "RFC 6960 4.2.1");
  }
  if (responses.length === 0) {
    yield flaw("error", "responses", "no SingleResponse in it", "RFC 6960 4.2.1");
  }
  if (certs?.length === 0) {
    yield flaw("advice", "certs", "an empty list, where it is left out", "RFC 6960 4.2.1");
  }
  yield* twiceFlaws(responses);
  for (const [i, single] of responses.entries()) yield* singleFlaws(single, i, basic);
  yield* extensionFlaws(responseExtensions, "responseExtensions", "responseExtensions");
  yield* algorithmFlaws(basic.signatureAlgorithm, "signatureAlgorithm");
}

function* twiceFlaws(responses: readonly SingleResponse[]): Generator<Flaw> {
  const first = new Map<string, SingleResponse>();
  for (const [i, single] of responses.entries()) {
    const key = certIDKey(single);
    const other = first.get(key);
    if (!other) first.set(key, single);
    else {
      const contradicts = other.certStatus !== single.certStatus;
      const problem = contradicts
        ? `contradicts another SingleResponse for the same certificate: ${other.certStatus} and ${single.certStatus}`
        : "stands there a second time";
      const weight = contradicts ? "error" : "advice";
      yield flaw(weight, `responses[${i}]`, problem, "RFC 6960 4.2.2.3");
    }
  }
}

function certIDKey({ certID }: SingleResponse): string {
  const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = certID;
  const hex = [issuerNameHash, issuerKeyHash, serialNumber].map((part) =>
    Buffer.from(part).toString("hex"),
  );
  return [hashAlgorithm.oid, ...hex].join(" ");
}

function* singleFlaws(
  single: SingleResponse,
  index: number,
  basic: BasicOCSPResponse,
): Generator<Flaw> {
  const where = `responses[${index}]`;
  if (parametersOf(single.certID.hashAlgorithm) === "other") {
    const problem = "the hash algorithm's parameters are neither NULL nor absent";
    yield flaw("error", `${where}.certID`, problem, "RFC 5754 2");
  }
  yield* timeFlaws(single, where, basic.producedAt);
  if (single.certStatus === "revoked") yield* revokedFlaws(single, where, basic);
  yield* extensionFlaws(single.singleExtensions, "singleExtensions", `${where}.singleExtensions`);
}

function* timeFlaws(single: SingleResponse, where: string, producedAt: ReadTime): Generator<Flaw> {
  const { thisUpdate, nextUpdate } = single;
  if (!nextUpdate) {
    const problem = "missing: relying parties of RFC 9919 reject the answer";
    yield flaw("error", `${where}.nextUpdate`, problem, "RFC 9919 3.2.4");
  } else if (isAfter(thisUpdate, nextUpdate)) {
    yield flaw("error", `${where}.nextUpdate`, "before thisUpdate", "RFC 6960 2.4");
  }
  if (nextUpdate && isAfter(producedAt, nextUpdate)) {
    yield flaw("error", "producedAt", `after nextUpdate of ${where}`, "RFC 6960 2.4");
  }
  if (isAfter(thisUpdate, producedAt)) {
    yield flaw("advice", `${where}.thisUpdate`, "after producedAt", "RFC 6960 2.4");
  }
}

function* revokedFlaws(
  single: SingleResponse,
  where: string,
  { producedAt, responseExtensions }: BasicOCSPResponse,
): Generator<Flaw> {
  const { revocationReason: reason, revocationTime } = single;
  const at = `${where}.revocationReason`;
  if (reason === CRLReason.unspecified) {
    yield flaw("advice", at, "unspecified is said by leaving the reason out", "RFC 5280 5.3.1");
  } else if (reason === CRLReason.removeFromCRL) {
    yield flaw("error", at, "removeFromCRL belongs on delta CRLs only", "RFC 5280 5.3.1");
  } else if (reason !== undefined && !reasonName(reason)) {
    yield flaw("error", at, `there is no reason ${reason}`, "RFC 5280 5.3.1");
  }
  if (revocationTime && isAfter(revocationTime, producedAt)) {
    yield flaw("advice", `${where}.revocationTime`, "after producedAt", "RFC 6960 2.4");
  }
  const neverIssued = reason === CRLReason.certificateHold && revocationTime?.at === 0;
  const saysSo = responseExtensions.some(({ oid }) => oid === EXTENDED_REVOKE);
  if (neverIssued && !saysSo) {
    const problem = "a hold since 1970 means never issued, and needs the extension extended-revoke";
    yield flaw("error", where, problem, "RFC 6960 2.2");
  }
}

function isAfter(one: ReadTime, other: ReadTime): boolean {
  return one.at !== undefined && other.at !== undefined && one.at > other.at;
}
