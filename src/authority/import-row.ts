import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { type CertRecord, decodeRecord, statusOf } from "../ocsp/record.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { CRLReason } from "../x509/reason.ts";
import { parseSerialNumber, type SerialNumber } from "../x509/serial-number.ts";
import type { ImportRow } from "./admin-import-types.ts";
import type { Draft } from "./answer-maker.ts";
import type { Issuer } from "./issuer.ts";
import { revocationDateOf, timeOf } from "./revocation.ts";

/** A row that changes the store. */
export interface Planned {
  readonly row: ImportRow;
  /** What the row tells: another status, or only that the certificate was issued and when it ends. */
  readonly tells: "status" | "issuance";
  readonly draft: Draft;
  readonly key: Buffer;
  readonly before: Buffer | undefined;
}

/** What a row comes to. */
export type Verdict = Planned | "unchanged" | { readonly bad: string };

type Said = Pick<Planned, "tells" | "draft"> | "unchanged" | { readonly bad: string };

/** What a row comes to, held against what is known and the rules of the issuer. */
export function judgeRow(
  store: Pick<StoreReader, "get">,
  issuer: Issuer,
  row: ImportRow,
  at: UnixSeconds,
): Verdict {
  const serialNumber = parseSerialNumber(row.serialNumber);
  if (!serialNumber) return { bad: `"${row.serialNumber}" is no serial number` };
  const key = recordKey(issuer.number, serialNumber);
  const before = store.get("records", key);
  const known = before && decodeRecord(before);
  const fault = rowFault(row, at) ?? saidByCRLs(issuer, row, known);
  if (fault) return { bad: fault };
  const said =
    known && known.status !== "good"
      ? judgeKept(onlyIssued(issuer, row), serialNumber, known)
      : judgeGood(issuer, row, serialNumber, known, at);
  const verdict = said ?? { tells: "status", draft: importDraft(row, serialNumber, known, at) };
  return typeof verdict === "string" || "bad" in verdict
    ? verdict
    : { ...verdict, row, key, before };
}

/** Of a certificate that is good or not known yet; nothing where the row's status is to be recorded. */
function judgeGood(
  issuer: Issuer,
  row: ImportRow,
  serialNumber: SerialNumber,
  known: CertRecord | undefined,
  at: UnixSeconds,
): Said | undefined {
  if (row.status === "hold" && !issuer.config.hold) return { bad: holdIsOff(issuer) };
  if (row.status !== "good") return undefined;
  const draft = importDraft(row, serialNumber, known, at);
  const isSame = known && known.notAfter === draft.status.notAfter;
  if (isSame && !isTooEarly(known, draft)) return "unchanged";
  return { tells: "issuance", draft };
}

/** Whether the answer that there is comes from before the certificate was issued. */
function isTooEarly({ hashes, thisUpdate }: CertRecord, { changedAt }: Draft): boolean {
  return hashes.length > 0 && thisUpdate < (changedAt ?? 0);
}

/** What a certificate list may not say for an issuer whose status comes from CRLs, or has to. */
function saidByCRLs(
  { name, config }: Issuer,
  row: ImportRow,
  known: CertRecord | undefined,
): string | undefined {
  if (config.source !== "crl") return undefined;
  if (row.status !== "good" && row.status !== known?.status) {
    return `revoked here, and no CRL of ${name} that was imported lists it (source: crl): import the newest CRL`;
  }
  if (row.notAfter !== null || known?.notAfter !== undefined) return undefined;
  return `its notAfter is needed, since what expires leaves the CRLs of ${name} (source: crl)`;
}

/** Where CRLs say what is revoked, a list that says good of it was made before them: it tells what was issued. */
function onlyIssued({ config }: Issuer, row: ImportRow): ImportRow {
  return config.source === "crl" && row.status === "good" ? { ...row, claims: "issuance" } : row;
}

function holdIsOff({ name }: Issuer): string {
  return `suspension (certificateHold) is switched off for ${name}: set hold: true, or import it as revoked`;
}

const ROW_TIMES = ["revocationDate", "invalidityDate", "notAfter"] as const;

function rowFault(row: ImportRow, at: UnixSeconds): string | undefined {
  for (const name of ROW_TIMES) {
    const time = timeOf(row[name]);
    if (time === undefined) continue;
    if (time < 0) return `${name} ${row[name]} is before 1970, which no record holds`;
    if (time > at && name !== "notAfter") return `${name} ${row[name]} lies ahead`;
  }
  return row.status !== "good" && row.revocationDate === null
    ? "a revoked certificate needs its revocationDate"
    : undefined;
}

/**
 * What no import undoes: a revocation never is (RFC 5280 5.3.1), and a hold is for an officer to end, since
 * the CA's register need not know of it. A certificate says only that it was issued, and contradicts neither;
 * where nobody knew until when it is valid, that is learnt. Nothing where the row's status is to be recorded.
 */
function judgeKept(
  row: ImportRow,
  serialNumber: SerialNumber,
  known: CertRecord,
): Said | undefined {
  if (row.claims === "issuance" || row.status === known.status) {
    if (row.notAfter === null || known.notAfter !== undefined) return "unchanged";
    const status = { ...statusOf(known), notAfter: timeOf(row.notAfter) };
    const lastThisUpdate = known.thisUpdate;
    return {
      tells: "issuance",
      draft: { serialNumber, status, changedAt: undefined, lastThisUpdate },
    };
  }
  if (row.status === "revoked") return undefined;
  const since = rfc3339(known.revocationDate);
  if (known.status === "revoked") {
    return { bad: `it is revoked since ${since}, and a revocation is never undone` };
  }
  return { bad: `it is on hold since ${since}: only vouch release ends a hold` };
}

function importDraft(
  row: ImportRow,
  serialNumber: SerialNumber,
  known: CertRecord | undefined,
  at: UnixSeconds,
): Draft {
  const date = timeOf(row.revocationDate) ?? 0;
  const revocationDate = known ? revocationDateOf(known, date, at) : date;
  const good = row.status === "good";
  return {
    serialNumber,
    status: {
      status: row.status,
      reason: good ? CRLReason.unspecified : CRLReason[row.reason ?? "unspecified"],
      revocationDate,
      invalidityDate: good ? undefined : timeOf(row.invalidityDate),
      notAfter: timeOf(row.notAfter) ?? known?.notAfter,
      version: 0,
    },
    // Of a certificate that was known as good the revocation is news now, whatever its date.
    changedAt: good ? issuedAt(row, at) : known ? at : revocationDate,
    lastThisUpdate: known?.thisUpdate ?? 0,
  };
}

/**
 * Since when a certificate can be good: its notBefore. ETSI EN 319 102-1 5.2.6.4 wants no revocation data from before
 * it, so that a document's signature by a certificate of this hour would fail until the next sweep.
 */
function issuedAt({ notBefore }: ImportRow, at: UnixSeconds): UnixSeconds | undefined {
  const issued = timeOf(notBefore ?? null);
  return issued === undefined ? undefined : Math.min(issued, at);
}
