import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { earlyRemovals } from "../crl/proof.ts";
import { errorText } from "../observe/logger.ts";
import { decodeRecord } from "../ocsp/record.ts";
import type { Pair } from "../signing/packing.ts";
import type { CRLRow } from "../store/crl-rows.ts";
import { issuerRange, keyAfter, recordKey, serialNumberOfKey } from "../store/keys.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import { serialNumberText } from "../x509/serial-number.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

const WALK_ROWS = 5_000;

/**
 * All that is revoked, in key order, read in steps that let other work and a newer snapshot in between.
 * Where `listedBy` is given, without what that CRL listed after it had expired.
 */
export async function revokedRows(
  desk: Pick<Desk, "store">,
  issuer: Issuer,
  listedBy: CRLRow | undefined,
): Promise<Pair[]> {
  const range = issuerRange(issuer.number);
  const pairs: Pair[] = [];
  for (let start: Buffer | undefined = range.start; start; ) {
    desk.store.refresh();
    const rows = desk.store.rows("revoked", { start, end: range.end, limit: WALK_ROWS });
    for (const { key, value } of rows) {
      if (listedBy && wasListedExpired(desk, key, listedBy)) continue;
      pairs.push({ key: serialNumberOfKey(key), value });
    }
    const last = rows.at(-1);
    start = last && rows.length === WALK_ROWS ? keyAfter(last.key) : undefined;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return pairs;
}

/**
 * Why the CRL `der` may not follow `previous`: an entry that left must have been listed once after its
 * certificate's expiry (RFC 5280 3.3), or have been a hold that was released. Null where it may.
 */
export async function removalFault(
  desk: Desk,
  issuer: Issuer,
  previous: CRLRow,
  folder: string,
  der: Uint8Array,
): Promise<string | null> {
  const before = await octetsOf(desk, issuer, previous, folder);
  if (!before) return null;
  const early = earlyRemovals(before, der, (serialNumber, reason) => {
    const key = recordKey(issuer.number, serialNumber);
    return wasListedExpired(desk, key, previous) || wasReleased(desk, key, reason);
  });
  const [first] = early;
  if (!first) return null;
  return `${early.length} certificates left it too early, ${serialNumberText(first)} among them`;
}

/** Only what was listed as a hold can have become good again. */
function wasReleased(desk: Pick<Desk, "store">, key: Buffer, listedReason: ReasonCode): boolean {
  if (listedReason !== CRLReason.certificateHold) return false;
  const record = desk.store.get("records", key);
  return record !== undefined && decodeRecord(record).status === "good";
}

function wasListedExpired(desk: Pick<Desk, "store">, key: Buffer, crl: CRLRow): boolean {
  const record = desk.store.get("records", key);
  const notAfter = record && decodeRecord(record).notAfter;
  return notAfter !== undefined && notAfter < crl.thisUpdate;
}

/**
 * The published CRL itself, under either of its names. Where somebody removed both, nothing can be
 * compared; a CRL that never comes again would be worse.
 */
async function octetsOf(
  desk: Desk,
  issuer: Issuer,
  row: CRLRow,
  folder: string,
): Promise<Buffer | undefined> {
  for (const name of [row.file, `${issuer.name}.crl`]) {
    try {
      const octets = await readFile(join(folder, name));
      if (createHash("sha256").update(octets).digest("hex") === row.sha256) return octets;
    } catch (error) {
      desk.log.error({ issuer: issuer.name, reason: errorText(error) }, "CRL file missing");
    }
  }
  return undefined;
}
