import { parseRfc3339, rfc3339, type UnixSeconds } from "../der/time.ts";
import { type CertRecord, decodeRecord } from "../ocsp/record.ts";
import type { JournalEntry } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import { CRLReason, type ReasonName } from "../x509/reason.ts";
import { type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { CertificateStatus } from "./admin-types.ts";
import { statusFields, type Told, unissued } from "./certificate-status.ts";
import type { Desk } from "./desk.ts";
import { certificateEvents } from "./history.ts";
import type { Issuer } from "./issuer.ts";
import { Refused } from "./refused.ts";

/**
 * What a certificate was at a time that has passed, by what is known now: a revocation counts from its
 * revocationDate, also when it was recorded later. Answers of then are not kept. A time before the first
 * that is known of the certificate is `notRecorded`.
 */
export function certificateStatusAt(
  desk: Pick<Desk, "store">,
  issuer: Issuer,
  serialNumber: SerialNumber,
  at: UnixSeconds,
): CertificateStatus {
  desk.store.refresh();
  const octets = desk.store.get("records", recordKey(issuer.number, serialNumber));
  const subject = { issuer: issuer.name, serialNumber: serialNumberText(serialNumber) };
  if (!octets) return { ...subject, ...unissued(issuer) };
  const events = certificateEvents(desk.store, issuer, serialNumber);
  const event = events.findLast((one) => inForceSince(one) <= at);
  if (!event) throw notRecorded(subject, at, events);
  const { notAfter } = decodeRecord(octets);
  const then = { ...statusOfEvent(event), notAfter };
  return { ...subject, ...statusFields(issuer, then, at), answers: [] };
}

/** Since when what the journal says is so: a change may be dated back. */
function inForceSince({ revocationDate, at }: JournalEntry): UnixSeconds {
  return parseRfc3339(revocationDate ?? at) ?? Infinity;
}

const STATUS_AFTER: Readonly<Partial<Record<JournalEntry["action"], CertRecord["status"]>>> = {
  revoke: "revoked",
  hold: "hold",
};

function statusOfEvent(event: JournalEntry): Omit<Told, "notAfter"> {
  return {
    status: STATUS_AFTER[event.action] ?? "good",
    reason: CRLReason[(event.reason ?? "unspecified") as ReasonName],
    revocationDate: inForceSince(event),
    invalidityDate: event.invalidityDate ? parseRfc3339(event.invalidityDate) : undefined,
  };
}

function notRecorded(
  { issuer, serialNumber }: Pick<CertificateStatus, "issuer" | "serialNumber">,
  at: UnixSeconds,
  events: readonly JournalEntry[],
): Refused {
  const since = Math.min(...events.map(inForceSince));
  const known = Number.isFinite(since) ? `: it is known here since ${rfc3339(since)}` : "";
  return new Refused(
    "notRecorded",
    `what ${issuer} ${serialNumber} was on ${rfc3339(at)} is not recorded${known}`,
    "ask for a later time; what was before stands in the CA's own records",
  );
}
