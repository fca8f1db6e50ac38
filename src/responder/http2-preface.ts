/** The client connection preface of HTTP/2 (RFC 9113 3.4), as far as it tells. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Whether the first octets of a connection are those of HTTP/2, or may become them. */
export function isHttp2Preface(octets: Buffer): "yes" | "maybe" | "no" {
  const length = Math.min(octets.length, PREFACE.length);
  if (octets[0] !== PREFACE[0] || octets.compare(PREFACE, 0, length, 0, length) !== 0) return "no";
  return length === PREFACE.length ? "yes" : "maybe";
}
