import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import type { Readable } from "node:stream";

/** How a crowd of clients gets one file. */
export interface Crowd {
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  readonly port: number;
  readonly path: string;
  readonly clients: number;
  /** Octets a second that each takes; 0 is all that comes. */
  readonly rate: number;
}

/** A crowd at work. */
export interface Downloading {
  /** Octets that all have taken so far, heads included. */
  taken(): number;
  /** How many were cut off, or refused. */
  failed(): number;
  stop(): void;
}

const STEP_MS = 100;
const STREAMS_A_SESSION = 100;

/** Lets so many clients ask at once, and take what comes at their pace, until told to stop. */
export function download(crowd: Crowd): Downloading {
  const sessions: ClientHttp2Session[] = [];
  const bodies = Array.from({ length: crowd.clients }, (_, i) =>
    crowd.protocol === "HTTP/2" ? streamOf(crowd, sessions, i) : socketOf(crowd),
  );
  let taken = 0;
  let failed = 0;
  let stopped = false;
  for (const body of bodies) {
    body
      .on("error", () => undefined)
      .once("close", () => {
        if (!(stopped || body.readableEnded)) failed++;
      });
    if (crowd.rate === 0) body.on("data", (piece: Buffer) => (taken += piece.length));
    else body.pause();
  }
  const take = (): void => {
    for (const body of bodies) taken += takeSome(body, (crowd.rate * STEP_MS) / 1000);
  };
  const timer = crowd.rate > 0 ? setInterval(take, STEP_MS) : undefined;
  return {
    taken: () => taken,
    failed: () => failed,
    stop: () => {
      stopped = true;
      clearInterval(timer);
      for (const body of bodies) body.destroy();
      for (const session of sessions) session.destroy();
    },
  };
}

function takeSome(body: Readable, octets: number): number {
  let left = octets;
  while (left > 0) {
    const piece: Buffer | null = body.read(Math.min(left, body.readableLength));
    if (!piece) {
      body.read(0);
      break;
    }
    left -= piece.length;
  }
  return octets - left;
}

function socketOf({ port, path }: Crowd): Readable {
  const socket = connect(port, "127.0.0.1");
  // Again and again, so that a fast client goes on.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(8));
  return socket;
}

function streamOf({ port, path }: Crowd, sessions: ClientHttp2Session[], index: number): Readable {
  const at = Math.floor(index / STREAMS_A_SESSION);
  const session = sessions[at] ?? connectHttp2(`http://127.0.0.1:${port}`);
  sessions[at] = session;
  session.setMaxListeners(0).on("error", () => undefined);
  return session.request({ ":path": path });
}
