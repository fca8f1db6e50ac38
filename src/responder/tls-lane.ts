import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { HANDSHAKE_SECONDS } from "./limits.ts";
import type { TlsFiles } from "./tls-files.ts";

/** What takes a connection whose handshake is over. */
export type Secured = (socket: TLSSocket) => void;

/**
 * TLS before the other lanes: once a handshake is over, what the client speaks by ALPN (RFC 7301) decides
 * where its connection goes on. So HTTP/1.1 and HTTP/2 are over TLS what they are without.
 */
export class TlsLane {
  readonly #files: TlsFiles;
  readonly #server: Server;
  readonly #waiting = new Map<string, Secured>();

  /** Throws when the files cannot be used. */
  constructor(files: TlsFiles) {
    this.#files = files;
    this.#server = createServer({
      ...files.read(),
      ALPNProtocols: ["h2", "http/1.1", "http/1.0"],
      minVersion: "TLSv1.2",
      handshakeTimeout: HANDSHAKE_SECONDS * 1000,
    });
    this.#server.on("secureConnection", (secure) => this.#secured(secure));
    // A handshake that failed, or a connection that was reset in its midst.
    this.#server.on("tlsClientError", (_, socket) => socket.destroy());
  }

  /** Takes a connection from its first octet on; it may be paused, and have octets that were put back. */
  take(socket: Socket, secured: Secured): void {
    const name = nameOf(socket);
    this.#waiting.set(name, secured);
    socket.once("close", () => {
      if (this.#waiting.get(name) === secured) this.#waiting.delete(name);
    });
    this.#server.emit("connection", socket);
  }

  /** Takes changed files over: for new connections, while those that are open go on as they began. */
  refresh(): void {
    const pair = this.#files.changed();
    if (pair) this.#server.setSecureContext({ ...pair, minVersion: "TLSv1.2" });
  }

  #secured(secure: TLSSocket): void {
    const name = nameOf(secure);
    const secured = this.#waiting.get(name);
    this.#waiting.delete(name);
    secure.on("error", () => secure.destroy());
    if (secured) secured(secure);
    else secure.destroy();
  }
}

/** The same for a connection and for the TLS over it; node:tls does not tell the one from the other. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}
