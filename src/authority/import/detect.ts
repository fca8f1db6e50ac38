import { DerError, DerReader, Tag } from "../../der/reader.ts";
import { looksLikeDer } from "./certificate-files.ts";

/** The formats that an import tells apart by itself. */
export type ImportFormat = "certs" | "index" | "csv" | "crl";

/** What a file's first octets show; the first that fits counts. */
const CONTENTS: readonly (readonly [ImportFormat, RegExp])[] = [
  ["crl", /^(?:(?!-----BEGIN )[^\n]*\n)*-----BEGIN X509 CRL-----/],
  ["certs", /^-----BEGIN /m],
  ["index", /^[A-Z]\t[0-9]{12,14}Z\t/m],
  ["csv", /^[^\n]*\bserialnumber\b/i],
];

/** What a name promises, where the content shows nothing. */
const NAMES: readonly (readonly [ImportFormat, RegExp])[] = [
  ["crl", /\.crl$/i],
  ["certs", /\.(pem|crt|cer|cert|der)$/i],
  ["csv", /\.csv$/i],
  ["index", /(^|[\\/])index[^\\/]*\.txt$/i],
];

/** The format of a file, from its name and its first octets (4,096 will do), or nothing: then ask. */
export function detectFormat(name: string, head: Uint8Array): ImportFormat | undefined {
  if (looksLikeDer(head)) return looksLikeCRL(head) ? "crl" : "certs";
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  return firstFit(CONTENTS, text) ?? firstFit(NAMES, name);
}

/** Where a certificate has its validity, a CRL has thisUpdate (RFC 5280 4.1, 5.1). */
function looksLikeCRL(head: Uint8Array): boolean {
  try {
    const reader = new DerReader(head, "head", 0, Number.MAX_SAFE_INTEGER);
    reader.open(Tag.sequence);
    reader.open(Tag.sequence);
    if (reader.peek() === Tag.integer) reader.integer();
    reader.element(Tag.sequence);
    reader.element(Tag.sequence);
    return reader.peek() === Tag.utcTime || reader.peek() === Tag.generalizedTime;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

function firstFit(
  table: readonly (readonly [ImportFormat, RegExp])[],
  text: string,
): ImportFormat | undefined {
  return table.find(([, shape]) => shape.test(text))?.[0];
}
