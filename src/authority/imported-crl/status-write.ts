import { createHash } from "node:crypto";
import { encodeRevocation } from "../../crl/revocation.ts";
import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import { recordVersion, setRecordVersion } from "../../ocsp/record.ts";
import { noteForgotten } from "../../store/forgotten.ts";
import { appendChange, appendJournal } from "../../store/journal.ts";
import type { Transaction } from "../../store/store.ts";
import { type SerialNumber, serialNumberText } from "../../x509/serial-number.ts";
import type { Draft } from "../answer-maker.ts";
import { putStatusChange } from "../change-write.ts";
import type { Issuer } from "../issuer.ts";

/** The CRL that is applied, and who brought it. */
export interface AppliedCRL {
  readonly thisUpdate: UnixSeconds;
  readonly crlNumber: string | null;
  /** When status ends once it is in force; nothing of a delta, which ends with its full CRL. */
  readonly statusEnds: UnixSeconds | undefined;
  readonly by: string;
}

/** What becomes of a record: another one, or with `draft` and `after` nothing, none. */
export interface StatusWrite {
  readonly key: Buffer;
  readonly before: Buffer | undefined;
  readonly serialNumber: SerialNumber;
  readonly draft: Draft | undefined;
  readonly after: Buffer | undefined;
}

type Listed = StatusWrite & { readonly draft: Draft; readonly after: Buffer };

/**
 * Writes what a CRL says of certificates, ascending by serial number, as part of a change. Each change of a status
 * that was known is an event of its own; certificates that nobody knew of are one event, as those of an import are.
 */
export function putStatuses(
  transaction: Transaction,
  issuer: Issuer,
  writes: readonly StatusWrite[],
  crl: AppliedCRL,
  at: UnixSeconds,
): void {
  const source = { by: crl.by, request: null, agency: null, at };
  putNew(
    transaction,
    issuer,
    writes.filter(isListed).filter(({ before }) => !before),
    crl,
    at,
  );
  for (const write of writes) {
    if (!write.before) continue;
    if (isListed(write)) putStatusChange(transaction, issuer, write, source);
    else putForgotten(transaction, issuer, write, crl, at);
  }
}

function isListed(write: StatusWrite): write is Listed {
  return write.draft !== undefined && write.after !== undefined;
}

function putNew(
  transaction: Transaction,
  issuer: Issuer,
  writes: readonly Listed[],
  { by, crlNumber, thisUpdate }: AppliedCRL,
  at: UnixSeconds,
): void {
  const [first] = writes;
  const last = writes.at(-1);
  if (!first || !last) return;
  const values = writes.map(({ draft }) => encodeRevocation(draft.status));
  const sequence = appendJournal(transaction, {
    action: "import",
    by,
    at: rfc3339(at),
    issuer: issuer.name,
    rows: writes.length,
    rowsHash: rowsHash(writes, values),
    crlNumber: crlNumber ?? undefined,
    listedOn: rfc3339(thisUpdate),
  });
  for (const [i, { key, after }] of writes.entries()) {
    setRecordVersion(after, sequence);
    transaction.put("records", key, after);
    transaction.put("revoked", key, values[i] as Buffer);
  }
  appendChange(transaction, issuer.number, sequence, [first.serialNumber, last.serialNumber]);
}

/** SHA-256 over each key and row of `revoked`, one after the other. */
function rowsHash(writes: readonly Listed[], values: readonly Buffer[]): string {
  const octets = writes.flatMap(({ key }, i) => [key, values[i] as Buffer]);
  return createHash("sha256").update(Buffer.concat(octets)).digest("hex");
}

/** A hold has ended of a certificate that only CRLs named: that it was issued is not known any more. */
function putForgotten(
  transaction: Transaction,
  issuer: Issuer,
  { key, before, serialNumber }: StatusWrite,
  { by, crlNumber }: AppliedCRL,
  at: UnixSeconds,
): void {
  const sequence = appendJournal(transaction, {
    action: "release",
    by,
    at: rfc3339(at),
    issuer: issuer.name,
    serialNumber: serialNumberText(serialNumber),
    crlNumber: crlNumber ?? undefined,
    previous: before && recordVersion(before),
  });
  transaction.remove("records", key);
  transaction.remove("revoked", key);
  noteForgotten(transaction, issuer.number, serialNumber, sequence);
  appendChange(transaction, issuer.number, sequence, [serialNumber]);
}
