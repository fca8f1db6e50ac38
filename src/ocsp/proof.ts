import type { KeyObject } from "node:crypto";
import { sameOctets } from "../der/oids.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { SIGNATURE_ALGORITHMS, verifyOctets } from "../x509/signature-algorithm.ts";
import { HASHES, type HashName } from "./hash.ts";
import { type CertRecord, reasonOf } from "./record.ts";
import {
  type ResponseFrame,
  readSingleAnswer,
  type SingleAnswer,
  type SingleResponse,
} from "./response.ts";
import { archiveCutoff, type IssuerParts, type SignerParts } from "./template.ts";

/** What can be wrong with an answer; also the label of `vouch_proof_failures_total`. */
export const FAULTS = [
  "serialNumber",
  "hash",
  "certStatus",
  "reason",
  "time",
  "signer",
  "size",
  "signature",
] as const;

export type Fault = (typeof FAULTS)[number];

/** What an answer must say. */
export interface Expected {
  readonly issuer: IssuerParts;
  readonly signer: SignerParts;
  readonly publicKey: KeyObject;
  readonly hash: HashName;
  readonly serialNumber: SerialNumber;
  readonly record: CertRecord;
}

/** Larger than any answer of one certificate, ML-DSA-87 included; a wrong length field shows here. */
const LARGEST_ANSWER = 16_384;

/**
 * Proof before publish: the answer, read back by a decoder that shares no code with the encoder, says
 * what the record says, and its signature verifies with the key of the signer's certificate. Returns the
 * first fault, or nothing when the answer may be served. What cannot be read at all is a fault of `size`.
 */
export function proveAnswer(der: Uint8Array, expected: Expected): Fault | undefined {
  if (der.length > LARGEST_ANSWER) return "size";
  const answer = readOrNothing(der);
  if (!answer) return "size";
  return (
    certIDFault(answer, expected) ??
    statusFault(answer, expected.record) ??
    timeFault(answer, expected) ??
    signerFault(answer, expected) ??
    signatureFault(answer, expected)
  );
}

function readOrNothing(der: Uint8Array): SingleAnswer | undefined {
  try {
    return readSingleAnswer(der);
  } catch {
    return undefined;
  }
}

function certIDFault(answer: SingleAnswer, expected: Expected): Fault | undefined {
  if (!sameOctets(answer.serialNumber, expected.serialNumber)) return "serialNumber";
  const { issuer, hash } = expected;
  const same =
    sameOctets(answer.hashAlgorithm, HASHES[hash].algorithmIdentifier) &&
    sameOctets(answer.issuerNameHash, issuer.nameHash[hash]) &&
    sameOctets(answer.issuerKeyHash, issuer.keyHash[hash]);
  return same ? undefined : "hash";
}

/** Whether the status is what the record says. */
export function statusFault(answer: SingleResponse, record: CertRecord): Fault | undefined {
  const good = record.status === "good";
  if (answer.certStatus !== (good ? "good" : "revoked")) return "certStatus";
  if (good) return undefined;
  if (answer.revocationDate !== record.revocationDate) return "time";
  return (answer.reason ?? 0) === reasonOf(record) && answer.reason !== 0 ? undefined : "reason";
}

/** Whether the times are the record's, in order, and within the signer's validity. */
export function timeFault(
  answer: SingleResponse & Pick<ResponseFrame, "producedAt">,
  expected: Pick<Expected, "record" | "issuer" | "signer">,
): Fault | undefined {
  const { record, issuer, signer } = expected;
  const cutoff = archiveCutoff(
    signer.archive,
    issuer.notBefore,
    record.notAfter,
    record.producedAt,
  );
  const asRecorded =
    answer.thisUpdate === record.thisUpdate &&
    answer.producedAt === record.producedAt &&
    answer.nextUpdate === record.nextUpdate &&
    answer.archiveCutoff === cutoff;
  const inOrder =
    answer.thisUpdate <= answer.producedAt &&
    answer.producedAt < answer.nextUpdate &&
    answer.nextUpdate < signer.notAfter;
  return asRecorded && inOrder ? undefined : "time";
}

/** Whether the answer names this signer, and carries its certificate alone (RFC 9919 3.2.2). */
export function signerFault(
  answer: ResponseFrame,
  { signer }: Pick<Expected, "signer">,
): Fault | undefined {
  const certs = signer.direct ? [] : [signer.certificate];
  const same =
    sameOctets(answer.responderKeyHash, signer.keyHash) &&
    sameOctets(answer.signatureAlgorithm, SIGNATURE_ALGORITHMS[signer.algorithm].identifier) &&
    answer.certs.length === certs.length &&
    certs.every((certificate, i) => sameOctets(certificate, answer.certs[i] as Uint8Array));
  return same ? undefined : "signer";
}

/** Whether the signature is right. */
export function signatureFault(
  answer: ResponseFrame,
  { signer, publicKey }: Pick<Expected, "signer" | "publicKey">,
): Fault | undefined {
  const { tbsResponseData, signature } = answer;
  const verified = verifyOctets(signer.algorithm, tbsResponseData, publicKey, signature);
  return verified ? undefined : "signature";
}
