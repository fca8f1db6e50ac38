import { randomBytes, randomFillSync } from "node:crypto";
import { element } from "../../src/der/writer.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import type { SerialNumber } from "../../src/x509/serial-number.ts";

/** What floods: requests as they are, each with a nonce of its own, or for a serial number that nobody issued. */
export type FloodKind = "presigned" | "nonce" | "random";

const NONCE_OCTETS = 32;
/** Before the random octets of a serial number: positive, and minimal in DER. */
const SERIAL_HEAD = 0x7f;
const SERIAL_RANDOM_OCTETS = 15;

/** A POST of an OCSPRequest, some octets of which are to differ each time that it is sent. */
export class WireRequest {
  readonly #octets: Buffer;
  readonly #ownAt: number;
  readonly #ownOctets: number;

  /** `der` is an OCSPRequest of one certificate. */
  constructor(kind: FloodKind, der: Buffer, host: string) {
    const { body, own } = floodBody(kind, der);
    const type = "Content-Type: application/ocsp-request";
    const head = `POST / HTTP/1.1\r\nHost: ${host}\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    this.#octets = Buffer.concat([Buffer.from(head, "latin1"), body]);
    this.#ownAt = own ? this.#octets.indexOf(own) : 0;
    this.#ownOctets = own?.length ?? 0;
  }

  /** The octets to be sent, and those of them that no other sending has. */
  fresh(): { octets: Buffer; own: Buffer } {
    const octets = Buffer.from(this.#octets);
    const own = octets.subarray(this.#ownAt, this.#ownAt + this.#ownOctets);
    randomFillSync(own);
    return { octets, own };
  }
}

function floodBody(kind: FloodKind, der: Buffer): { body: Buffer; own: Buffer | undefined } {
  if (kind === "presigned") return { body: der, own: undefined };
  const request = readRequest(der);
  if (request instanceof Error) throw request;
  if (kind === "nonce") {
    const own = randomBytes(NONCE_OCTETS);
    return { body: encodeRequest(request.certIDs, element(0x04, own)), own };
  }
  const own = randomBytes(SERIAL_RANDOM_OCTETS);
  const octets: Uint8Array = Buffer.concat([Buffer.of(SERIAL_HEAD), own]);
  const certID = { ...request.certIDs[0], serialNumber: octets as SerialNumber };
  return { body: encodeRequest([certID], undefined), own };
}
