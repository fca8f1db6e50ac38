import { existsSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { StartError } from "../observe/start-error.ts";
import { type GroupName, setModeAndGroup } from "../store/modes.ts";

/** Listens on a unix socket, for its group alone; what an earlier process left there is cleared away. */
export async function listenOnSocket(
  server: Server,
  path: string,
  group: GroupName,
): Promise<void> {
  await clearStaleSocket(path);
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(umask);
  }
  setModeAndGroup(path, 0o660, group);
}

async function clearStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.unref();
  });
  if (isAlive) {
    throw new StartError(
      "alreadyRunning",
      `another authority listens on ${path}`,
      `stop it first, or give this one another socket than ${dirname(path)}/…`,
    );
  }
  unlinkSync(path);
}
