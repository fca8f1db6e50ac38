/** id-pkix-ocsp-nonce (RFC 9654 2.1). */
const NONCE_OID = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
const NONCE_OCTETS = 32;

/** A request without extensions (RFC 6960 4.1.1), whose lengths have one octet each, with a random nonce added. */
export function withNonce(request: Uint8Array): Uint8Array {
  const nonce = Array.from({ length: NONCE_OCTETS }, () => Math.floor(Math.random() * 256));
  const extension = element(0x30, [...NONCE_OID, ...element(0x04, element(0x04, nonce))]);
  const extensions = element(0xa2, element(0x30, extension));
  // The requestList comes behind the headers of OCSPRequest and TBSRequest.
  const list = Array.from(request.subarray(4));
  return Uint8Array.from(element(0x30, element(0x30, [...list, ...extensions])));
}

function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  return length < 0x80 ? [tag, length, ...content] : [tag, 0x81, length, ...content];
}
