import { connect, type Socket } from "node:net";

/** One response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Connects to a port of 127.0.0.1. */
export function rawConnection(port: number): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new RawConnection(socket));
    });
  });
}

/** A raw connection, for messages that no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake = (): void => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("end", end).on("error", end).on("close", end);
    socket.on("data", (piece: Buffer) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#wake();
    });
  }

  /** The next response, whole; 1xx responses too. Rejects after the time limit or when the connection ends. */
  async next(asked: "GET" | "HEAD" = "GET", milliseconds = 60_000): Promise<RawResponse> {
    const before = performance.now() + milliseconds;
    for (;;) {
      const parsed = parse(this.#received, asked, this.#ended);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length);
        return parsed.response;
      }
      if (this.#ended) throw new Error(`ended after ${this.#received.length} octets of a response`);
      if (performance.now() >= before) throw new Error(`no response within ${milliseconds} ms`);
      await this.#change(before);
    }
  }

  /** Resolves when the other side has ended the connection; "open" after the time limit. */
  async closed(milliseconds = 60_000): Promise<"closed" | "open"> {
    const before = performance.now() + milliseconds;
    while (!this.#ended && performance.now() < before) await this.#change(before);
    return this.#ended ? "closed" : "open";
  }

  write(octets: Uint8Array | string): void {
    this.socket.write(octets);
  }

  /** Ends our side only. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #change(before: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, before - performance.now()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function parse(
  octets: Buffer,
  asked: "GET" | "HEAD",
  ended: boolean,
): { response: RawResponse; length: number } | undefined {
  const headEnd = octets.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = octets.subarray(0, headEnd).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (!Number.isInteger(status)) throw new Error(`not a status line: ${statusLine}`);
  const headers = new Map(lines.map(headerLine));
  const start = headEnd + 4;
  const rest = octets.subarray(start);
  const length = bodyLength(status, headers, asked, rest) ?? (ended ? rest.length : undefined);
  if (length === undefined || octets.length < start + length) return undefined;
  const body = octets.subarray(start, start + length);
  return { response: { status, headers, body }, length: start + length };
}

function headerLine(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** Octets of the body; nothing when only the connection's end tells (RFC 9112 6.3). */
function bodyLength(
  status: number,
  headers: ReadonlyMap<string, string>,
  asked: "GET" | "HEAD",
  rest: Buffer,
): number | undefined {
  if (asked === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  if (headers.has("transfer-encoding")) return chunkedLength(rest);
  const length = headers.get("content-length");
  return length === undefined ? undefined : Number(length);
}

/** Octets of a chunked body, chunk sizes included: only error pages of Node's own come so. */
function chunkedLength(rest: Buffer): number | undefined {
  const end = `\r\n${rest.toString("latin1")}`.indexOf("\r\n0\r\n\r\n");
  return end < 0 ? undefined : end + 5;
}
