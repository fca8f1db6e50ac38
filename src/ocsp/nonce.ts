import { DerError, DerReader, Tag } from "../der/reader.ts";
import type { Extension } from "./extensions.ts";

/** RFC 9654 2.1: Nonce ::= OCTET STRING (SIZE(1..128)). */
const LONGEST_NONCE = 128;

/** A request's nonce: the content of its extnValue, to be echoed octet for octet. */
export interface Nonce {
  readonly extnValue: Uint8Array;
  readonly critical: boolean;
}

/**
 * The nonce of an extension whose length RFC 9654 2.1 allows; otherwise a `DerError`.
 * A raw value without the inner OCTET STRING, as clients wrote before RFC 6960, is taken as it is.
 */
export function nonceOf(extension: Extension): Nonce {
  const length = (unwrapped(extension.value) ?? extension.value).length;
  if (length === 0 || length > LONGEST_NONCE) {
    throw new DerError(`bad nonce: ${length} octets where 1 to ${LONGEST_NONCE} are allowed`);
  }
  return { extnValue: extension.value, critical: extension.critical };
}

function unwrapped(extnValue: Uint8Array): Uint8Array | undefined {
  if (extnValue[0] !== Tag.octetString) return undefined;
  try {
    const reader = new DerReader(extnValue, "Nonce");
    const nonce = reader.content(Tag.octetString);
    reader.end();
    return nonce;
  } catch {
    return undefined;
  }
}
