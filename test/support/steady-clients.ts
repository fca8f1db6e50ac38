import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { peekAnswer } from "./der-peek.ts";

/** Clients that ask all the time, each over one connection for as long as the server keeps it. */
export interface SteadyClients {
  /** Requests that were answered, by the client's name. */
  readonly answered: ReadonlyMap<string, number>;
  /** What went wrong: whatever was not an answer to what was asked. */
  readonly faults: readonly string[];
  stop(): Promise<void>;
}

/** One exchange after the other; rejects when an answer does not come whole. */
interface Client {
  ask(): Promise<Buffer>;
  close(): void;
}

/** Where and what they ask; ports of 127.0.0.1. */
export interface SteadyAsking {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly der: Buffer;
  /** Of each kind. */
  readonly count: number;
}

const PAUSE_MS = 5;
/** Longer than responders take to restart on a busy machine. */
const LONGEST_WAIT_MS = 90_000;

/** Starts clients for every lane, in cleartext and over TLS. */
export function startSteadyClients({
  httpPort,
  httpsPort,
  der,
  count,
}: SteadyAsking): SteadyClients {
  const plain = (): Socket => connect({ port: httpPort, host: "127.0.0.1", noDelay: true });
  const secure = (): Socket =>
    connectTls({ port: httpsPort, host: "127.0.0.1", rejectUnauthorized: false });
  const kinds: readonly [string, () => Client][] = [
    ["fast lane", () => new Http1Client(plain, postOf(der))],
    ["general lane", () => new Http1Client(plain, chunkedPostOf(der))],
    ["fast lane over TLS", () => new Http1Client(secure, postOf(der))],
    ["general lane over TLS", () => new Http1Client(secure, chunkedPostOf(der))],
    ["h2c", () => new Http2Client(`http://127.0.0.1:${httpPort}`, der)],
    ["h2", () => new Http2Client(`https://127.0.0.1:${httpsPort}`, der)],
  ];
  const answered = new Map(kinds.map(([name]) => [name, 0]));
  const faults: string[] = [];
  let isOver = false;
  const work = async (name: string, client: Client): Promise<void> => {
    while (!isOver) {
      try {
        const { responseStatus } = peekAnswer(await withinLimit(client.ask()));
        if (responseStatus !== "successful") faults.push(`${name}: ${responseStatus}`);
        answered.set(name, (answered.get(name) ?? 0) + 1);
      } catch (error) {
        faults.push(`${name}: ${String(error)}`);
        client.close();
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    client.close();
  };
  const all = kinds.flatMap(([name, make]) =>
    Array.from({ length: count }, () => work(name, make())),
  );
  return {
    answered,
    faults,
    stop: async () => {
      isOver = true;
      await Promise.all(all);
    },
  };
}

function withinLimit<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${LONGEST_WAIT_MS} ms`));
    const timer = setTimeout(late, LONGEST_WAIT_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function postOf(der: Buffer): Buffer {
  const head = `POST / HTTP/1.1\r\nHost: ocsp.test\r\nContent-Length: ${der.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), der]);
}

function chunkedPostOf(der: Buffer): Buffer {
  const head = `POST / HTTP/1.1\r\nHost: ocsp.test\r\nTransfer-Encoding: chunked\r\n\r\n${der.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(head), der, Buffer.from("\r\n0\r\n\r\n")]);
}

class Http1Client implements Client {
  readonly #connect: () => Socket;
  readonly #request: Buffer;
  #socket: Socket | undefined;

  constructor(connectNow: () => Socket, request: Buffer) {
    this.#connect = connectNow;
    this.#request = request;
  }

  async ask(): Promise<Buffer> {
    this.#socket ??= this.#connected();
    const { head, body } = await exchange(this.#socket, this.#request);
    if (/\r\nconnection: close/i.test(head)) {
      const socket = this.#socket;
      this.#socket = undefined;
      if (!socket.readableEnded) await once(socket, "end");
      socket.destroy();
    }
    return body;
  }

  #connected(): Socket {
    // What comes between requests is looked at with the next.
    return this.#connect().on("error", () => undefined);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function exchange(socket: Socket, request: Buffer): Promise<{ head: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const onData = (piece: Buffer): void => {
      received = Buffer.concat([received, piece]);
      const headEnd = received.indexOf("\r\n\r\n");
      const head = received.toString("latin1", 0, headEnd);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (headEnd < 0 || received.length < headEnd + 4 + length) return;
      settle(() => resolve({ head, body: received.subarray(headEnd + 4) }));
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onEnd = (): void => onError(new Error(`ended after ${received.length} octets`));
    const settle = (act: () => void): void => {
      socket.off("data", onData).off("error", onError).off("end", onEnd).off("close", onEnd);
      act();
    };
    socket.on("data", onData).on("error", onError).on("end", onEnd).on("close", onEnd);
    if (socket.readableEnded || socket.destroyed) onEnd();
    else socket.write(request);
  });
}

const LAST_POSSIBLE_STREAM = 2 ** 31 - 1;

class Http2Client implements Client {
  readonly #url: string;
  readonly #der: Buffer;
  #session: ClientHttp2Session | undefined;
  /** The last stream that the server will take of the session, once it has said so. */
  #lastTaken: number | undefined;

  constructor(url: string, der: Buffer) {
    this.#url = url;
    this.#der = der;
  }

  /** A session that was told to end (GOAWAY) has no more requests (RFC 9113 6.8). */
  async ask(): Promise<Buffer> {
    if (!this.#session || this.#session.closed || this.#session.destroyed) this.#connect();
    try {
      return await this.#exchange();
    } catch (error) {
      // node:http2 itself refuses what it has queued and not sent when the server takes no more.
      if (this.#lastTaken !== LAST_POSSIBLE_STREAM) throw error;
      this.#connect();
      return this.#exchange();
    }
  }

  #connect(): void {
    this.#lastTaken = undefined;
    const session = connectHttp2(this.#url, { rejectUnauthorized: false });
    session.on("error", () => undefined);
    session.once("goaway", (_code, lastStreamID: number) => {
      if (this.#session === session) this.#lastTaken = lastStreamID;
    });
    this.#session = session;
  }

  async #exchange(): Promise<Buffer> {
    const stream = this.#session?.request({ ":method": "POST", ":path": "/" });
    if (!stream) throw new Error("no session");
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.end(this.#der);
    await once(stream, "end");
    return Buffer.concat(pieces);
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }
}
