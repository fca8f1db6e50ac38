const XXD = /^[0-9a-f]{4,}: +((?:[0-9a-f]{2,4} )+)/i;
const HEXDUMP = /^[0-9a-f]{6,} {2}([0-9a-f ]*)\|/i;

/**
 * Octets that are written in hexadecimal: plain, with blanks, colons or commas between, 0x or \x before, or as
 * `xxd` and `hexdump -C` show them. Nothing where the text is something else.
 */
export function fromHex(text: string): Buffer | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const dump = [XXD, HEXDUMP].find((shape) => shape.test(lines[0] ?? ""));
  const digits = lines
    .map((line) => (dump ? (dump.exec(line)?.[1] ?? "") : line))
    .join("")
    .replace(/0x|\\x|[\s:,;]/gi, "");
  const isHex = digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits);
  return isHex ? Buffer.from(digits, "hex") : undefined;
}
