import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Which certificates: those of the first import, or others that came after it. */
export type Series = "first" | "later";

const LINES_PER_FILE = 1_000_000;
const LINES_PER_WRITE = 10_000;
const SPREAD = 0x3fff_ffff_ffff;
const DAY_MS = 86_400_000;
/** A prime that is in no count of records that anybody measures. */
const STRIDE = 7_368_787;

/**
 * The serial number of certificate `i` of `count`: 16 octets, ascending with `i`, spread over the whole
 * range, and the same in every run, so that nobody has to keep ten million of them.
 */
export function serialNumberAt(i: number, count: number, series: Series = "first"): Buffer {
  const hash = createHash("sha1").update(`${series} ${i} of ${count}`).digest();
  const serial = Buffer.alloc(16);
  const within = hash.readUInt32BE() / 0x1_0000_0000;
  // The first octet is 40 to 7f: neither a sign nor a leading zero changes the length.
  serial.writeUIntBE(0x4000_0000_0000 + Math.floor(((i + within) / count) * SPREAD), 0, 6);
  hash.copy(serial, 6, 4, 14);
  return serial;
}

/** The `i`-th of all numbers below `count` in an order that jumps over the whole range. */
export function scattered(i: number, count: number): number {
  return (i * STRIDE) % count;
}

/** Whether certificate `i` is revoked when it is imported; `every` 0 is never. */
export function isRevokedAtImport(i: number, every: number): boolean {
  return every > 0 && i % every === every - 1;
}

/** Writes the certificates as `openssl ca` would list them, into files of at most a million lines, in order. */
export function writeIndexFiles(folder: string, count: number, revokedEvery: number): string[] {
  const files: string[] = [];
  for (let from = 0; from < count; from += LINES_PER_FILE) {
    const file = join(folder, `index-${files.length}.txt`);
    writeIndex(file, from, Math.min(from + LINES_PER_FILE, count), { count, revokedEvery });
    files.push(file);
  }
  return files;
}

interface IndexPlan {
  readonly count: number;
  readonly revokedEvery: number;
}

function writeIndex(file: string, from: number, to: number, plan: IndexPlan): void {
  const descriptor = openSync(file, "w");
  for (let at = from; at < to; at += LINES_PER_WRITE) {
    const size = Math.min(LINES_PER_WRITE, to - at);
    const lines = Array.from({ length: size }, (_, line) => indexLine(at + line, plan));
    writeSync(descriptor, lines.join(""));
  }
  closeSync(descriptor);
}

function indexLine(i: number, { count, revokedEvery }: IndexPlan): string {
  const serial = serialNumberAt(i, count).toString("hex").toUpperCase();
  const name = `unknown\t/C=VN/CN=${i}`;
  if (!isRevokedAtImport(i, revokedEvery)) return `V\t${YEARS_AHEAD}\t\t${serial}\t${name}\n`;
  return `R\t${YEARS_AHEAD}\t${YESTERDAY},keyCompromise\t${serial}\t${name}\n`;
}

function utcTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().replace(/\D/g, "").slice(2, 14)}Z`;
}

const YEARS_AHEAD = utcTime(Date.now() + 3 * 365 * DAY_MS);
const YESTERDAY = utcTime(Date.now() - DAY_MS);

/** When the certificates expire, RFC 3339. */
export const NOT_AFTER: string = `${new Date(Date.now() + 3 * 365 * DAY_MS).toISOString().slice(0, 19)}Z`;
