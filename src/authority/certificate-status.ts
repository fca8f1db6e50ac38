import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { type CertRecord, decodeRecord, reasonOf } from "../ocsp/record.ts";
import { isForgotten } from "../ocsp/template.ts";
import { recordKey } from "../store/keys.ts";
import { readServiceView } from "../store/service-view.ts";
import { readCertificate } from "../x509/certificate.ts";
import { reasonName } from "../x509/reason.ts";
import { type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { AnswerTimes, CertificateStatus } from "./admin-types.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/** What the store says of a certificate now, and what OCSP does. */
export function certificateStatus(
  desk: Pick<Desk, "store" | "clock">,
  issuer: Issuer,
  serialNumber: SerialNumber,
): CertificateStatus {
  desk.store.refresh();
  const octets = desk.store.get("records", recordKey(issuer.number, serialNumber));
  const subject = { issuer: issuer.name, serialNumber: serialNumberText(serialNumber) };
  if (!octets) return { ...subject, ...unissued(issuer) };
  const record = decodeRecord(octets);
  const fields = statusFields(issuer, record, desk.clock());
  // Of what OCSP does not speak of any more there may be answers still.
  const isTold = fields.certStatus !== null;
  return { ...subject, ...fields, answers: isTold ? answers(desk, issuer, record) : [] };
}

/** What is told of a certificate, now or then. */
export type Told = Pick<
  CertRecord,
  "status" | "reason" | "revocationDate" | "invalidityDate" | "notAfter"
>;

/** Status of a certificate that is known, as it is told. */
export function statusFields(
  issuer: Issuer,
  told: Told,
  now: UnixSeconds,
): Omit<CertificateStatus, "issuer" | "serialNumber" | "answers"> {
  const good = told.status === "good";
  const forgotten = isForgotten(issuer.config.ocsp.archive, told.notAfter, now);
  return {
    status: statusWord(told, now),
    certStatus: forgotten ? null : good ? "good" : "revoked",
    reason: good ? null : (reasonName(reasonOf(told)) ?? "unspecified"),
    revocationDate: good ? null : rfc3339(told.revocationDate),
    invalidityDate: timeOrNull(told.invalidityDate),
    notAfter: timeOrNull(told.notAfter),
  };
}

/** What is told of a certificate that is not known. */
export function unissued(issuer: Issuer): Omit<CertificateStatus, "issuer" | "serialNumber"> {
  const { unissued: policy } = issuer.config.ocsp;
  return {
    status: "unissued",
    certStatus: policy === "unauthorized" ? null : policy,
    reason: null,
    revocationDate: null,
    invalidityDate: null,
    notAfter: null,
    answers: [],
  };
}

/** Revoked and hold win over expired. */
function statusWord(record: Told, now: UnixSeconds): CertificateStatus["status"] {
  const expired = record.notAfter !== undefined && record.notAfter < now;
  return record.status === "good" && expired ? "expired" : record.status;
}

function answers(desk: Pick<Desk, "store">, issuer: Issuer, record: CertRecord): AnswerTimes[] {
  const served = readServiceView(desk.store)?.issuers.find(
    ({ number }) => number === issuer.number,
  );
  const signer = served?.signers.find(({ number }) => number === record.signer);
  if (!signer) return [];
  const serial = serialNumberText(readCertificate(signer.certificate).serialNumber);
  return record.hashes.map((hash) => ({
    hash,
    signer: serial,
    thisUpdate: rfc3339(record.thisUpdate),
    nextUpdate: rfc3339(record.nextUpdate),
  }));
}

function timeOrNull(at: UnixSeconds | undefined): string | null {
  return at === undefined ? null : rfc3339(at);
}
