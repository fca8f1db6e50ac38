import { readFileSync, statSync } from "node:fs";
import { dataFile } from "../config/data-files.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { Store } from "./store.ts";

/** Where a store is written. Not the device: its number may be another after each boot. */
interface Home {
  readonly machine: string;
  readonly inode: string;
}

const NAME = "home";

/**
 * Keeps where the store is written from now on. Returns, in words for the operator, that it is a copy of one that was
 * written elsewhere: whoever restored it knows, and whoever runs the other one as well has to hear.
 */
export async function settleHome(store: Store, folder: string): Promise<string | undefined> {
  const now = { machine: machineId(), inode: String(statSync(dataFile(folder)).ino) };
  const before = readSetting<Home>(store, NAME);
  if (before?.machine === now.machine && before.inode === now.inode) return undefined;
  await store.transact((transaction) => writeSetting(transaction, NAME, now));
  if (!before) return undefined;
  const where =
    before.machine === now.machine ? "as another file of this machine" : "on another machine";
  return `this store is a copy: it was last written ${where}`;
}

/** The same across boots (machine-id(5)); empty where there is none. */
function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim();
  } catch {
    return "";
  }
}
