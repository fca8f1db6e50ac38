/** ReasonFlags' bits (RFC 5280 4.2.1.13). */
export const REASON_FLAGS: readonly string[] = [
  "unused",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "privilegeWithdrawn",
  "aACompromise",
];

/** The names of the bits that a BIT STRING's content has set. */
export function bitNames(content: Uint8Array, names: readonly string[]): string[] {
  const isSet = (bit: number): boolean =>
    ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  return names.filter((_, bit) => isSet(bit));
}
