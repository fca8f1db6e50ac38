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

const MOST_MILLISECONDS = 3_000;

/** A connection to a port of 127.0.0.1, without delay for small packets. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** Sends each piece as a packet of its own, and gathers all that comes until the other side ends. */
export async function exchange(
  port: number,
  pieces: readonly Uint8Array[],
  milliseconds: number = MOST_MILLISECONDS,
): Promise<Exchange> {
  const socket = await connected(port);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset ends it too: whoever closes before all was read causes one.
  socket.on("error", () => undefined);
  const ended = endOf(socket).then(() => true);
  const late = new AbortController();
  const limit = sleep(milliseconds, false, { signal: late.signal }).catch(() => false);
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    await turn();
  }
  const closed = await Promise.race([ended, limit]);
  late.abort();
  socket.destroy();
  return { received: Buffer.concat(chunks).toString("latin1"), closed };
}

function endOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("end", resolve).once("close", () => resolve());
  });
}

/** How many responses there are, told by their status lines. */
export function statusLines(received: string): string[] {
  return received.match(/HTTP\/1\.1 \d{3} [^\r]*(?=\r\n)/g) ?? [];
}
