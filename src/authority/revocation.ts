import { encodeRevocation } from "../crl/revocation.ts";
import { parseRfc3339, rfc3339, type UnixSeconds } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import { decodeRecord, setRecordVersion } from "../ocsp/record.ts";
import { appendChange, appendJournal } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import { CRLReason, reasonName } from "../x509/reason.ts";
import { parseSerialNumber, type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { ChangeReport, RevokeRequest } from "./admin-types.ts";
import type { Draft, MadeRecord } from "./answer-maker.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { isUntouched, noteWritten, type RecordWrite } from "./record-write.ts";

type Refusal = ChangeReport["refused"][number];

/** What the request means for each of its certificates. */
interface Plan {
  readonly revoke: readonly { readonly draft: Draft; readonly before: Buffer }[];
  readonly alreadyRevoked: number;
  readonly refused: readonly Refusal[];
}

/** What has been written of a request so far. */
interface Written {
  readonly changed: number;
  readonly unsigned: readonly string[];
  readonly sequence: number | null;
}

/** The sweep may have signed a record anew meanwhile; that it does so again and again cannot be. */
const MOST_TRIES = 10;

/**
 * Revokes certificates: status, fresh answers, CRL entry and journal are one change, on disk when this
 * resolves. What is revoked already stays as it is; what was never issued is refused; the others are done.
 */
export async function revoke(
  desk: Desk,
  issuer: Issuer,
  request: RevokeRequest,
): Promise<ChangeReport> {
  const received = performance.now();
  const serialNumbers = namedOnce(request.serialNumbers);
  const at = desk.clock();
  let left = planRevocation(desk, issuer, request, serialNumbers, at);
  const { alreadyRevoked, refused } = left;
  if (request.dryRun) return report(left.revoke.length, alreadyRevoked, refused);
  let done: Written = { changed: 0, unsigned: [], sequence: null };
  let raced = 0;
  for (let tries = 0; left.revoke.length > 0; tries++) {
    if (tries === MOST_TRIES) throw new Error("the records keep changing while they are revoked");
    const written = await writeRevocations(desk, issuer, request, left, at);
    done = added(done, written);
    left = planRevocation(desk, issuer, request, written.conflicts, at);
    raced += left.alreadyRevoked;
  }
  if (done.changed > 0) metrics.revokeVisibleSeconds.observe((performance.now() - received) / 1000);
  return { ...report(done.changed, alreadyRevoked + raced, refused), ...done };
}

/** However often and in whatever spelling it is named, a certificate is one. */
function namedOnce(texts: readonly string[]): SerialNumber[] {
  const named = texts.flatMap((text) => parseSerialNumber(text) ?? []);
  return [...new Map(named.map((serial) => [serialNumberText(serial), serial])).values()];
}

function report(
  changed: number,
  alreadyRevoked: number,
  refused: readonly Refusal[],
): ChangeReport {
  return { changed, alreadyRevoked, refused, unsigned: [], sequence: null };
}

function added(sum: Written, next: Written): Written {
  return {
    changed: sum.changed + next.changed,
    unsigned: [...sum.unsigned, ...next.unsigned],
    sequence: next.sequence ?? sum.sequence,
  };
}

function planRevocation(
  desk: Desk,
  issuer: Issuer,
  request: RevokeRequest,
  serialNumbers: readonly SerialNumber[],
  at: UnixSeconds,
): Plan {
  const toRevoke: { draft: Draft; before: Buffer }[] = [];
  const refused: Refusal[] = [];
  let alreadyRevoked = 0;
  desk.store.refresh();
  for (const serialNumber of serialNumbers) {
    const before = desk.store.get("records", recordKey(issuer.number, serialNumber));
    if (!before) refused.push(unknownCertificate(issuer, serialNumber));
    else if (decodeRecord(before).status === "revoked") alreadyRevoked++;
    else toRevoke.push({ draft: revokedDraft(request, serialNumber, before, at), before });
  }
  return { revoke: toRevoke, alreadyRevoked, refused };
}

function unknownCertificate(issuer: Issuer, serialNumber: SerialNumber): Refusal {
  const text = serialNumberText(serialNumber);
  return {
    serialNumber: text,
    code: "unknownCertificate",
    message:
      `${issuer.name} has no certificate ${text}: check the number, or import the certificate ` +
      `first (vouch import ${issuer.name} FILE)`,
  };
}

function revokedDraft(
  request: RevokeRequest,
  serialNumber: SerialNumber,
  before: Buffer,
  at: UnixSeconds,
): Draft {
  const { notAfter, thisUpdate } = decodeRecord(before);
  return {
    serialNumber,
    status: {
      status: "revoked",
      reason: CRLReason[request.reason],
      revocationDate: timeOf(request.revocationDate) ?? at,
      invalidityDate: timeOf(request.invalidityDate),
      notAfter,
      version: 0,
    },
    changedAt: at,
    lastThisUpdate: thisUpdate,
  };
}

function timeOf(text: string | null): UnixSeconds | undefined {
  return text === null ? undefined : parseRfc3339(text);
}

async function writeRevocations(
  desk: Desk,
  issuer: Issuer,
  request: RevokeRequest,
  { revoke: planned }: Plan,
  at: UnixSeconds,
): Promise<Written & { conflicts: SerialNumber[] }> {
  const drafts = planned.map(({ draft }) => draft);
  const made = await desk.maker.make(issuer, drafts, "urgent");
  const writes = planned.map(({ draft, before }, i) => ({
    key: recordKey(issuer.number, draft.serialNumber),
    before,
    after: (made[i] as MadeRecord).octets,
    draft,
    signed: (made[i] as MadeRecord).signed,
  }));
  const outcome = await desk.store.transact((transaction) => {
    const fresh = writes.filter((write) => isUntouched(transaction, write));
    let sequence: number | null = null;
    for (const { key, after, draft } of fresh) {
      sequence = appendJournal(transaction, revocationEvent(issuer, request, draft, at));
      setRecordVersion(after, sequence);
      transaction.put("records", key, after);
      transaction.put("revoked", key, encodeRevocation(draft.status));
      appendChange(transaction, issuer.number, sequence, [draft.serialNumber]);
    }
    return { fresh, sequence };
  });
  desk.store.refresh();
  noteWritten(desk, outcome.fresh satisfies RecordWrite[]);
  return {
    changed: outcome.fresh.length,
    sequence: outcome.sequence,
    unsigned: outcome.fresh
      .filter(({ signed }) => !signed)
      .map(({ draft }) => serialNumberText(draft.serialNumber)),
    conflicts: writes
      .filter((write) => !outcome.fresh.includes(write))
      .map(({ draft }) => draft.serialNumber),
  };
}

/** What the journal says of one revocation. */
export function revocationEvent(
  issuer: Issuer,
  request: Pick<RevokeRequest, "by" | "request" | "agency">,
  { serialNumber, status }: Draft,
  at: UnixSeconds,
): Parameters<typeof appendJournal>[1] {
  return {
    action: "revoke",
    by: request.by,
    at: rfc3339(at),
    issuer: issuer.name,
    serialNumber: serialNumberText(serialNumber),
    reason: reasonName(status.reason),
    revocationDate: rfc3339(status.revocationDate),
    invalidityDate:
      status.invalidityDate === undefined ? undefined : rfc3339(status.invalidityDate),
    request: request.request ?? undefined,
    agency: request.agency ?? undefined,
  };
}
