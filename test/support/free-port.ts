import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that Linux gives out by itself (ip_local_port_range): what it gave once, it may give to somebody
 * else before a daemon binds it, or while one that is restarted does not.
 */
const FIRST = 10_000;
/** Ports of each of vitest's workers, which run side by side. */
const EACH = 5_000;
const WORKERS = 4;

const base = FIRST + (Number(process.env["VITEST_POOL_ID"] ?? 0) % WORKERS) * EACH;
let next = Math.floor(Math.random() * EACH);

/** A TCP port of 127.0.0.1 that nothing listens on now, and that nobody else is given for a long while. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = base + next;
    next = (next + 1) % EACH;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
