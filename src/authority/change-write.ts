import { encodeRevocation } from "../crl/revocation.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { type CertStatus, recordVersion, setRecordVersion } from "../ocsp/record.ts";
import { appendChange, appendJournal, type JournalEvent } from "../store/journal.ts";
import type { Transaction } from "../store/store.ts";
import { reasonName } from "../x509/reason.ts";
import { serialNumberText } from "../x509/serial-number.ts";
import type { ChangeRequest } from "./admin-types.ts";
import type { Draft } from "./answer-maker.ts";
import type { Issuer } from "./issuer.ts";
import type { RecordWrite } from "./record-write.ts";

/** Who asked for a change of status, on what grounds, and when. */
export interface ChangeSource extends Pick<ChangeRequest, "by" | "request" | "agency"> {
  readonly at: UnixSeconds;
}

/**
 * Writes one change of status: the record, what CRLs list of it, the change that deltas and replication
 * walk, and the event. Returns the event's sequence.
 */
export function putStatusChange(
  transaction: Transaction,
  issuer: Issuer,
  { key, before, after, draft }: RecordWrite & { readonly draft: Draft },
  source: ChangeSource,
): number {
  const event = statusEvent(issuer, draft, source);
  const previous = before && recordVersion(before);
  const sequence = appendJournal(transaction, { ...event, previous });
  setRecordVersion(after, sequence);
  transaction.put("records", key, after);
  if (draft.status.status === "good") transaction.remove("revoked", key);
  else transaction.put("revoked", key, encodeRevocation(draft.status));
  appendChange(transaction, issuer.number, sequence, [draft.serialNumber]);
  return sequence;
}

const ACTIONS = { good: "release", hold: "hold", revoked: "revoke" } as const;

function statusEvent(
  issuer: Issuer,
  { serialNumber, status }: Draft,
  { by, at, request, agency }: ChangeSource,
): JournalEvent {
  return {
    action: ACTIONS[status.status],
    by,
    at: rfc3339(at),
    issuer: issuer.name,
    serialNumber: serialNumberText(serialNumber),
    ...(status.status === "good" ? {} : grounds(status)),
    request: request ?? undefined,
    agency: agency ?? undefined,
  };
}

function grounds({
  reason,
  revocationDate,
  invalidityDate,
}: CertStatus): Pick<JournalEvent, "reason" | "revocationDate" | "invalidityDate"> {
  return {
    reason: reasonName(reason),
    revocationDate: rfc3339(revocationDate),
    invalidityDate: invalidityDate === undefined ? undefined : rfc3339(invalidityDate),
  };
}
