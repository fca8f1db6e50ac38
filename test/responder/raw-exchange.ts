import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

/** All that came back over one connection. */
export interface Exchange {
  /** As latin1, one character an octet. */
  readonly received: string;
  /** Whether the other side ended the connection. */
  readonly closed: boolean;
}

const QUIET_MS = 3_000;
const LOOK_MS = 50;

/** One octet a character. */
export function octets(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** A plain request for a path, with these fields after its Host. */
export function get(path: string, ...fields: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: a", ...fields, "", ""].join("\r\n");
}

/** A POST of OCSP with these fields after its Host, and then its body. */
export function post(fields: readonly string[], body: string): string {
  return `${["POST / HTTP/1.1", "Host: a", ...fields].join("\r\n")}\r\n\r\n${body}`;
}

/** Asks for the connection's end, so that all that came before it is known to be complete; it is 404. */
export const LAST: string = get("/last", "Connection: close");

/** A connection to a port of 127.0.0.1, without delay for small packets. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** Sends each piece as a packet of its own, and gathers all that comes until the other side ends, or is quiet for so long. */
export async function exchange(
  port: number,
  pieces: readonly Uint8Array[],
  quietMilliseconds: number = QUIET_MS,
): Promise<Exchange> {
  const socket = await connected(port);
  const gathered = gather(socket);
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    await turn();
  }
  await endOrQuiet(socket, quietMilliseconds);
  const all = gathered();
  socket.destroy();
  return all;
}

/** Gathers all that comes over a connection from now on; what is returned tells what has come so far. */
export function gather(socket: Socket): () => Exchange {
  const chunks: Buffer[] = [];
  let closed = false;
  const end = (): void => {
    closed = true;
  };
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset ends it too: whoever closes before all was read causes one.
  socket.on("end", end).on("close", end).on("error", end);
  return () => ({ received: Buffer.concat(chunks).toString("latin1"), closed });
}

/**
 * Resolves when the other side has ended the connection, or when nothing has come over it for so long. Looks are
 * counted, and not the time between them: a machine that is busy elsewhere has not waited.
 */
export async function endOrQuiet(socket: Socket, milliseconds: number = QUIET_MS): Promise<void> {
  let isOver = false;
  const end = endOf(socket).then(() => {
    isOver = true;
  });
  for (let [quiet, read] = [0, 0]; !isOver && quiet < milliseconds; quiet += LOOK_MS) {
    await Promise.race([end, sleep(LOOK_MS)]);
    if (socket.bytesRead !== read) [quiet, read] = [0, socket.bytesRead];
  }
}

function endOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readableEnded || socket.destroyed) resolve();
    socket.once("end", resolve).once("close", () => resolve());
  });
}

/** Lets what was sent arrive and be answered, also on a machine that is busy: both ends are in this process. */
export async function settle(): Promise<void> {
  await sleep(50);
  for (let count = 0; count < 10; count++) await turn();
}

/** The status codes of all responses, in their order. */
export function statuses(received: string): number[] {
  const lines = received.match(/HTTP\/1\.1 \d{3} [^\r]*(?=\r\n)/g) ?? [];
  return lines.map((line) => Number(line.slice(9, 12)));
}
