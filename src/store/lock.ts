import { statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dataFile } from "../config/data-files.ts";
import { StartError } from "../observe/start-error.ts";

/**
 * Holds the right to write the store, for as long as this process lives: LMDB itself does not refuse a
 * second writer. The right is an abstract unix socket named by the data file's device and inode, so it is
 * the file's whatever path leads to it, and goes with the process however that ends.
 */
export async function lockForWriting(folder: string): Promise<Server> {
  const { dev, ino } = statSync(dataFile(folder), { bigint: true });
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? heldByAnother(folder) : error),
    );
    server.listen(`\0vouch-authority-${dev}-${ino}`, resolve);
  });
  return server;
}

function heldByAnother(folder: string): StartError {
  return new StartError(
    "alreadyRunning",
    `another authority already writes the store in ${folder}`,
    "stop it first (systemctl stop vouch-authority), or give this one another data folder",
  );
}
