import { statSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { dataFile } from "../config/data-files.ts";
import { StartError } from "../observe/start-error.ts";

const LOOK_EVERY_MS = 100;

/**
 * Holds the right to write the store, for as long as this process lives: LMDB itself does not refuse a
 * second writer. The right is an abstract unix socket named by the data file's device and inode, so it is
 * the file's whatever path leads to it, and goes with the process however that ends. Whoever has it is given
 * `patienceMs` to end.
 */
export async function lockForWriting(folder: string, patienceMs = 0): Promise<Server> {
  const name = lockName(folder);
  for (let left = patienceMs; ; left -= LOOK_EVERY_MS) {
    const held = await listenAt(name);
    if (held) return held;
    if (left <= 0) throw heldByAnother(folder);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whether some process has the right to write the store; rejects where this user sees no store. */
export function isHeld(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(lockName(folder), () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function lockName(folder: string): string {
  const { dev, ino } = statSync(dataFile(folder), { bigint: true });
  return `\0vouch-authority-${dev}-${ino}`;
}

/** Nothing where another process listens there. */
function listenAt(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}

function heldByAnother(folder: string): StartError {
  return new StartError(
    "alreadyRunning",
    `another authority already writes the store in ${folder}`,
    "stop it first (systemctl stop vouch-authority), or give this one another data folder",
  );
}
