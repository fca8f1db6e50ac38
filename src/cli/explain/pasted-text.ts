const LOOKED_AT = 256;
const UTF16_LITTLE_ENDIAN = Buffer.of(0xff, 0xfe);

/** Whether octets are characters: DER has octets among its first that are none. */
export function isText(octets: Buffer): boolean {
  if (isUTF16(octets)) return true;
  const isCharacter = (octet: number): boolean =>
    octet >= 0x20 || [0x09, 0x0a, 0x0d].includes(octet);
  return octets.subarray(0, LOOKED_AT).every(isCharacter);
}

/**
 * Text as it was before it was pasted: without a byte order mark, the marks before lines of a quoted mail, quotes
 * around it, and with ends of lines where JSON or source code has `\n`.
 */
export function pastedText(octets: Buffer): string {
  const text = octets.toString(isUTF16(octets) ? "utf16le" : "utf8");
  return text
    .replace(/^\uFEFF/, "")
    .replace(/\\r|\\n/g, "\n")
    .replace(/^[ \t>|]+/gm, "")
    .replace(/^\s*["'`]+|["'`,;]+\s*$/g, "");
}

/** As PowerShell writes it. */
function isUTF16(octets: Buffer): boolean {
  return octets.subarray(0, UTF16_LITTLE_ENDIAN.length).equals(UTF16_LITTLE_ENDIAN);
}
