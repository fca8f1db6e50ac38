import { looksLikeDer } from "./certificate-files.ts";

/** The formats that an import tells apart by itself. */
export type ImportFormat = "certs" | "index" | "csv";

/** What a file's first octets show; the first that fits counts. */
const CONTENTS: readonly (readonly [ImportFormat, RegExp])[] = [
  ["certs", /^-----BEGIN /m],
  ["index", /^[A-Z]\t[0-9]{12,14}Z\t/m],
  ["csv", /^[^\n]*\bserialnumber\b/i],
];

/** What a name promises, where the content shows nothing. */
const NAMES: readonly (readonly [ImportFormat, RegExp])[] = [
  ["certs", /\.(pem|crt|cer|cert|der)$/i],
  ["csv", /\.csv$/i],
  ["index", /(^|[\\/])index[^\\/]*\.txt$/i],
];

/** The format of a file, from its name and its first octets (4,096 will do), or nothing: then ask. */
export function detectFormat(name: string, head: Uint8Array): ImportFormat | undefined {
  if (looksLikeDer(head)) return "certs";
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  return firstFit(CONTENTS, text) ?? firstFit(NAMES, name);
}

function firstFit(
  table: readonly (readonly [ImportFormat, RegExp])[],
  text: string,
): ImportFormat | undefined {
  return table.find(([, shape]) => shape.test(text))?.[0];
}
