import type { UnixSeconds } from "../der/time.ts";
import { assembleResponse } from "../ocsp/answer.ts";
import type { ErrorStatus } from "../ocsp/error-response.ts";
import {
  LONGEST_RECORD,
  PRESIGNED_HASHES,
  type PresignedHash,
  recordNextUpdate,
  recordNotAfter,
  recordSigner,
  recordThisUpdate,
  signatureRange,
} from "../ocsp/record.ts";
import { type CertID, type OCSPRequest, readRequest } from "../ocsp/request.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { LONGEST_SERIAL_NUMBER } from "../x509/serial-number.ts";
import type { AnsweringIssuer, Served } from "./served.ts";

/** Why a request gets no answer about a certificate. */
export type Refusal =
  | "malformed"
  | "criticalNonce"
  | "unknownIssuer"
  | "unknownCertificate"
  | "forgottenCertificate"
  | "notPresigned"
  | "unsigned"
  | "stale";

/** What each refusal is to the outside; also its label in the metrics. */
export const REFUSAL_STATUS: Readonly<Record<Refusal, ErrorStatus>> = {
  malformed: "malformedRequest",
  // A critical extension that is not honoured must not get a successful answer (RFC 6960 4.4).
  criticalNonce: "malformedRequest",
  unknownIssuer: "unauthorized",
  unknownCertificate: "unauthorized",
  forgottenCertificate: "unauthorized",
  notPresigned: "tryLater",
  unsigned: "tryLater",
  stale: "tryLater",
};

/** A pre-signed answer, with what its HTTP head is made from. */
export interface SignedAnswer {
  readonly result: "good" | "revoked";
  readonly der: Buffer;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  /** A strong validator: the signature is over all that differs. Quoted. */
  readonly etag: string;
  readonly issuer: AnsweringIssuer;
  /** From 0 to 1, the same for one certificate always. */
  readonly spread: number;
}

const ETAG_OCTETS = 16;

/** Answers OCSP requests from the store: one read of it, and no key. */
export class OcspSource {
  readonly #store: StoreReader;
  readonly #served: Served;
  readonly #record = Buffer.alloc(LONGEST_RECORD);

  constructor(store: StoreReader, served: Served) {
    this.#store = store;
    this.#served = served;
  }

  /** The answer to the octets of a request, at `now`. Never throws for what the octets hold. */
  answer(der: Uint8Array, now: UnixSeconds): SignedAnswer | Refusal {
    const request = readRequest(der);
    if (request instanceof Error) return "malformed";
    if (request.nonce?.critical) return "criticalNonce";
    const [certID] = request.certIDs;
    if (request.certIDs.length > 1) return this.#several(request);
    const issuer = this.#served.issuerOf(certID);
    if (!issuer) return "unknownIssuer";
    return this.#lookUp(issuer, certID, now);
  }

  /** Several CertIDs cannot be answered from signatures over one each. */
  #several(request: OCSPRequest): Refusal {
    const known = request.certIDs.some((certID) => this.#served.issuerOf(certID));
    return known ? "notPresigned" : "unknownIssuer";
  }

  #lookUp(issuer: AnsweringIssuer, certID: CertID, now: UnixSeconds): SignedAnswer | Refusal {
    const length = this.#read(issuer, certID);
    if (length < 0)
      return issuer.unissued === "unauthorized" ? "unknownCertificate" : "notPresigned";
    const record = this.#record.subarray(0, length);
    if (isForgotten(issuer, recordNotAfter(record), now)) return "forgottenCertificate";
    if (!isPresigned(certID.hash)) return "notPresigned";
    const range = signatureRange(record, length, certID.hash);
    const template = range && issuer.template(recordSigner(record), certID.hash);
    if (!range || !template) return "unsigned";
    // Never past its nextUpdate (RFC 6960 2.4), whatever became of the sweep.
    if (recordNextUpdate(record) <= now) return "stale";
    const signature = record.subarray(range.start, range.end);
    return {
      result: record[0] === 0 ? "good" : "revoked",
      der: assembleResponse(template, certID.serialNumber, record, signature),
      thisUpdate: recordThisUpdate(record),
      nextUpdate: recordNextUpdate(record),
      etag: `"${signature.toString("hex", 0, ETAG_OCTETS)}"`,
      issuer,
      spread: spreadOf(certID.serialNumber),
    };
  }

  #read(issuer: AnsweringIssuer, { serialNumber }: CertID): number {
    if (serialNumber.length > LONGEST_SERIAL_NUMBER) return -1;
    this.#store.refresh();
    return this.#store.copyInto("records", recordKey(issuer.number, serialNumber), this.#record);
  }
}

function isPresigned(hash: CertID["hash"]): hash is PresignedHash {
  return (PRESIGNED_HASHES as readonly unknown[]).includes(hash);
}

function isForgotten(issuer: AnsweringIssuer, notAfter: UnixSeconds, now: UnixSeconds): boolean {
  return issuer.archive !== "forever" && notAfter > 0 && notAfter + issuer.archive < now;
}

function spreadOf(serialNumber: Uint8Array): number {
  let sum = 0;
  for (const octet of serialNumber) sum = (sum * 31 + octet) & 0xffff;
  return sum / 0xffff;
}
