import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Pki } from "../../support/openssl-pki.ts";
import { mustRun } from "../../support/run-program.ts";

/** How one path of the responder answers; what is not said is as `openssl ocsp` does it. */
export interface Manner {
  /** More arguments of `openssl ocsp`. */
  readonly args?: readonly string[];
  /** Base name of another signer's certificate and key in the CA's folder. */
  readonly signer?: string;
  /** The answer's octets, from those that openssl made. */
  readonly change?: (der: Buffer) => Buffer;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends whatever it likes. */
  readonly raw?: (response: ServerResponse) => void;
}

/** A responder that is `openssl ocsp` behind HTTP, with a manner for each first part of the path. */
export class OpensslResponder {
  readonly #server: Server;
  readonly #pki: Pki;
  readonly #manners: Readonly<Record<string, Manner>>;
  #count = 0;

  constructor(pki: Pki, manners: Readonly<Record<string, Manner>>) {
    this.#pki = pki;
    this.#manners = manners;
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => this.#answer(request.url ?? "", Buffer.concat(pieces), response));
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  url(manner: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${manner}`;
  }

  #answer(path: string, body: Buffer, response: ServerResponse): void {
    const [, name = "", base64 = ""] = path.split("/");
    const manner = this.#manners[name] ?? {};
    if (manner.raw) {
      manner.raw(response);
      return;
    }
    const request = base64 ? Buffer.from(decodeURIComponent(base64), "base64") : body;
    const der = (manner.change ?? ((same) => same))(this.#sign(request, manner));
    const headers = { "content-type": "application/ocsp-response", ...manner.headers };
    response.writeHead(manner.status ?? 200, headers).end(der);
  }

  #sign(request: Buffer, { args = [], signer = "ocsp" }: Manner): Buffer {
    const { folder } = this.#pki;
    const [asked, answered] = [`req-${++this.#count}.der`, `resp-${this.#count}.der`];
    writeFileSync(join(folder, asked), request);
    mustRun(
      "openssl",
      [
        ...["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-ndays", "1", "-reqin", asked],
        ...["-rsigner", `${signer}.pem`, "-rkey", `${signer}.key`, "-respout", answered, ...args],
      ],
      folder,
    );
    return readFileSync(join(folder, answered));
  }
}
