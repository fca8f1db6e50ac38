import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

/** What to ask; `socketPath` asks a unix socket. */
interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly socketPath?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** A whole response. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request on a connection of its own; no redirects, no cache, no decoding. */
export function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, socketPath, timeout = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeout);
    const target = socketPath === undefined ? {} : { socketPath };
    const ask = httpRequest(url, { method, headers, agent: false, signal, ...target }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.once("error", reject);
      answer.once("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(pieces),
        }),
      );
    });
    ask.once("error", reject);
    ask.end(body);
  });
}
