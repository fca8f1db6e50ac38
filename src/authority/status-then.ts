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
  const events = certificateEvents(desk.store, issuer, serialNumber);
  if (!octets) return { ...subject, ...forgottenThen(issuer, subject, events, at) };
  const record = decodeRecord(octets);
  const then = statusThen(events, record, at);
  if (!then) throw notRecorded(subject, at, events);
  return { ...subject, ...statusFields(issuer, then, at), answers: [] };
}

/** What was known then of a certificate that is not known any more. */
function forgottenThen(
  issuer: Issuer,
  subject: Pick<CertificateStatus, "issuer" | "serialNumber">,
  events: readonly JournalEntry[],
  at: UnixSeconds,
): Omit<CertificateStatus, "issuer" | "serialNumber"> {
  const last = events.findLast((one) => inForceSince(one) <= at);
  if (!last || last.action === "release") return unissued(issuer);
  // A CRL's new certificates are one event, which does not say of each what it was.
  if (last.action === "import") throw notRecorded(subject, at, events);
  const then = { ...statusOfChange(last), notAfter: undefined };
  return { ...statusFields(issuer, then, at), answers: [] };
}

/** What the events, oldest first, say of a time; nothing where they do not tell. */
function statusThen(
  events: readonly JournalEntry[],
  record: CertRecord,
  at: UnixSeconds,
): Told | undefined {
  const changes = events.filter(({ action }) => action !== "import");
  const change = changes.findLast((one) => inForceSince(one) <= at);
  const { notAfter } = record;
  if (change) return { ...statusOfChange(change), notAfter };
  const [first] = events;
  // The event of a CRL's new certificates does not say of each what it was; as long as it is so, the record does.
  if (first?.listedOn !== undefined) {
    return changes.length === 0 && record.revocationDate <= at ? record : undefined;
  }
  if (!first || inForceSince(first) > at) return undefined;
  return { ...GOOD, notAfter };
}

/** Since when what the journal says is so: a change may be dated back. */
function inForceSince({ revocationDate, at }: JournalEntry): UnixSeconds {
  return parseRfc3339(revocationDate ?? at) ?? Infinity;
}

type Status = Omit<Told, "notAfter">;

const GOOD: Status = {
  status: "good",
  reason: CRLReason.unspecified,
  revocationDate: 0,
  invalidityDate: undefined,
};

function statusOfChange(event: JournalEntry): Status {
  if (event.action === "release") return GOOD;
  return {
    status: event.action === "hold" ? "hold" : "revoked",
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
  const known = since > at && since < Infinity ? `: it is known here since ${rfc3339(since)}` : "";
  return new Refused(
    "notRecorded",
    `what ${issuer} ${serialNumber} was on ${rfc3339(at)} is not recorded${known}`,
    "ask for a later time; what was before stands in the CA's own records",
  );
}
