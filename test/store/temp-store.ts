import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createStore } from "../../src/store/lmdb.ts";
import type { Store } from "../../src/store/store.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { NODE, vouchEnvironment } from "../support/vouch-cli.ts";

/** A real store in a folder of its own. */
export interface TempStore {
  readonly folder: string;
  readonly store: Store;
  /** Closes the store and removes the folder. */
  close(): Promise<void>;
}

/** Makes an empty store, without the settings that `vouch init` writes. */
export function tempStore(): TempStore {
  const root = tempFolder();
  const folder = join(root, "var");
  const store = createStore(folder);
  return {
    folder,
    store,
    close: async () => {
      await store.close();
      removeFolder(root);
    },
  };
}

/** `store-process.ts`, running; it prints one line once it has done what it was asked. */
export interface StoreProcess {
  readonly line: string;
  /** SIGKILL, as a crash would end it; resolves when it is gone. */
  kill9(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("store-process.ts", import.meta.url));

/** Runs `store-process.ts` with the pinned runtime until it has printed its line. */
export async function storeProcess(
  task: "lock" | "hold" | "registered",
  folder: string,
  user: { uid?: number; gid?: number } = {},
): Promise<StoreProcess> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(NODE, [PROGRAM, task, folder], {
    stdio: ["ignore", "pipe", "inherit"],
    env: vouchEnvironment(),
    ...user,
  });
  const exit = once(child, "exit");
  const line = await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data").then(([text]) => String(text).trim()),
    exit.then(([code]) => `ended with ${code}`),
  ]);
  return {
    line,
    kill9: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
    },
  };
}
