/**
 * A certificate's serialNumber as the content octets of its DER INTEGER (RFC 5280 4.1.2.2):
 * minimal two's complement, so a leading 00 stands where the high bit is set. Equal numbers have
 * equal octets; the order of the octets is the order of the store.
 */
export type SerialNumber = Uint8Array & { readonly brand: "SerialNumber" };

/** Longer than any CA may issue (RFC 5280: 20 octets, plus sign); what is longer was never issued. */
export const LONGEST_SERIAL_NUMBER = 32;

/** The content octets of a DER INTEGER that a strict reader has accepted, as they stand. */
export function serialNumberFromDer(content: Uint8Array): SerialNumber {
  return content as SerialNumber;
}

/** Reads hexadecimal with or without colons or `0x`; nothing when it is no positive serial number. */
export function parseSerialNumber(text: string): SerialNumber | undefined {
  const digits = text.replace(/^0x/i, "").replaceAll(":", "").replace(/^0+/, "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const octets = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
  return octets.length > LONGEST_SERIAL_NUMBER ? undefined : (octets as Uint8Array as SerialNumber);
}

/**
 * Lower-case hexadecimal without leading zeros, as every output of Vouch has it; with a minus sign where some CA
 * gave a negative one, which is no serial number here.
 */
export function serialNumberText(serialNumber: Uint8Array): string {
  const hex = Buffer.from(serialNumber).toString("hex");
  if ((serialNumber[0] ?? 0) > 0x7f) {
    return `-${((1n << BigInt(4 * hex.length)) - BigInt(`0x${hex}`)).toString(16)}`;
  }
  const text = hex.replace(/^0+/, "");
  return text === "" ? "0" : text;
}
