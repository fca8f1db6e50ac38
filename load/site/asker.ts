import { Agent, request } from "node:http";
import { Tag } from "../../src/der/reader.ts";

/** Asks one OCSP responder by POST, over connections that stay open. */
export class Asker {
  readonly #url: string;
  readonly #agent: Agent;

  /** `localAddress` is where its connections come from, where that matters. */
  constructor(url: string, connections: number, localAddress?: string) {
    this.#url = url;
    const from = localAddress === undefined ? {} : { localAddress };
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ...from });
  }

  /** The answer's octets. Rejects on any HTTP status but 200. */
  ask(der: Uint8Array): Promise<Buffer> {
    const headers = { "content-type": "application/ocsp-request", "content-length": der.length };
    const options = { method: "POST", agent: this.#agent, headers };
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, options, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === 200) resolve(Buffer.concat(pieces));
          else reject(new Error(`HTTP ${response.statusCode} to an OCSP request`));
        });
      });
      asked.once("error", reject);
      asked.end(der);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** responseStatus of an OCSPResponse: 0 is successful, 3 tryLater, 6 unauthorized (RFC 6960 4.2.1). */
export function responseStatus(der: Buffer): number {
  return der[der.indexOf(Tag.enumerated) + 2] ?? -1;
}
