import { once } from "node:events";
import { connect, type Socket } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const STATUS_OK = "HTTP/1.1 200 ";
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const NOTHING = Buffer.alloc(0);

/** A connection that has one request under way at most; much cheaper than `node:http`'s, so that it takes little from what it floods. */
export class FloodConnection {
  readonly #socket: Socket;
  #rest: Buffer = NOTHING;
  #answered: ((body: Buffer | undefined) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => this.#settle(undefined));
  }

  static async open(url: URL, localAddress: string): Promise<FloodConnection> {
    const to = { host: url.hostname, port: Number(url.port), localAddress, noDelay: true };
    const socket = connect(to);
    await once(socket, "connect");
    return new FloodConnection(socket);
  }

  /** The answer's body; nothing where there is none, or its HTTP status is not 200. */
  ask(octets: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      if (this.#socket.destroyed) this.#settle(undefined);
      else this.#socket.write(octets);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const headEnd = octets.indexOf(HEAD_END);
    const head = headEnd < 0 ? "" : octets.toString("latin1", 0, headEnd + 2);
    const length = Number(CONTENT_LENGTH.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
    const bodyAt = headEnd + HEAD_END.length;
    if (headEnd < 0 || octets.length < bodyAt + length) {
      this.#rest = Buffer.from(octets);
      return;
    }
    this.#rest = NOTHING;
    this.#settle(head.startsWith(STATUS_OK) ? octets.subarray(bodyAt) : undefined);
  }

  #settle(body: Buffer | undefined): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(body);
  }
}
