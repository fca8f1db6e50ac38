import { constants, existsSync } from "node:fs";
import { dataFile, lockFile } from "../config/data-files.ts";
import { parseRfc3339 } from "../der/time.ts";
import { StartError } from "../observe/start-error.ts";
import { CLOCK_LEEWAY_SECONDS } from "../store/clock-state.ts";
import { dataFileFault } from "../store/data-file-fault.ts";
import { readJournal } from "../store/journal.ts";
import { openStoreReader } from "../store/lmdb.ts";
import { readSetting, requireSchema } from "../store/settings.ts";
import type { StoreReader } from "../store/store.ts";
import { checkCapacity } from "./check-capacity.ts";
import { clockBehind, clockFindings } from "./check-clock.ts";
import { checkCRLs } from "./check-crls.ts";
import { checkHolds } from "./check-holds.ts";
import { storeModes } from "./check-modes.ts";
import { checkWithdrawn } from "./check-withdrawn.ts";
import { accessFault } from "./file-access.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";
import { shellWord } from "./shell-word.ts";

/** The store: there, whole, with its modes, of this version's layout, and what is published from it. */
export async function checkStore(setup: Setup): Promise<Finding[]> {
  const { data, file } = setup.config;
  const code = accessFault(dataFile(data), constants.R_OK);
  if (code === "ENOENT") return [missing(data, file)];
  if (code !== undefined) return [notReadable(data, code)];
  const modes = storeModes(data);
  const fault = dataFileFault(dataFile(data));
  if (fault) return [...modes, damaged(dataFile(data), fault)];
  // Opening it would make one, owned by whoever checks.
  if (!existsSync(lockFile(data))) return [...modes, noLockFile(lockFile(data))];
  return [...modes, ...(await checkContent(setup))];
}

function missing(data: string, file: string): Finding {
  return problem({
    where: data,
    problem: "there is no store",
    do: `make an empty one with: vouch init --config ${shellWord(file)}`,
  });
}

function notReadable(where: string, code: string): Finding {
  return problem({
    where,
    problem: `this user may not read the store (${code})`,
    do: "run check as the user that runs vouch, or join the group vouch-store",
  });
}

function damaged(where: string, fault: string): Finding {
  return problem({ where, problem: fault, do: "stop the daemon, and restore it from a backup" });
}

function noLockFile(where: string): Finding {
  return warning({
    where,
    problem: "is missing, so the store was not looked into",
    do: "start the daemon, which makes it, and check again",
  });
}

async function checkContent(setup: Setup): Promise<Finding[]> {
  const store = openStoreReader(setup.config.data);
  try {
    // The first read is what registers a reader.
    const layout = layoutFindings(store, dataFile(setup.config.data));
    if (!store.isRegistered()) return [unregistered(setup)];
    if (layout.length > 0) return layout;
    return [
      ...newestEntry(store, setup),
      ...clockFindings(store, setup),
      ...(await checkCRLs(store, setup)),
      ...(await checkHolds(store, setup)),
      ...checkWithdrawn(store, setup),
      ...checkCapacity(store, setup),
    ];
  } finally {
    await store.close();
  }
}

function layoutFindings(store: StoreReader, where: string): Finding[] {
  try {
    requireSchema(store);
    return [];
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [problem({ where, problem: error.message, do: error.do })];
  }
}

function unregistered({ config }: Setup): Finding {
  const lock = shellWord(lockFile(config.data));
  return problem({
    where: lockFile(config.data),
    problem:
      "this user may not write it, so it reads the store unregistered and the authority may change pages under it",
    do: `chmod 0660 ${lock}, and let this user into the group of that file (vouch-store)`,
  });
}

function newestEntry(store: StoreReader, { config, clock }: Setup): Finding[] {
  const sequence = readSetting<number>(store, "sequence");
  const entry = sequence === undefined ? undefined : readJournal(store, sequence);
  const at = entry && parseRfc3339(entry.at);
  // After the read: a daemon may be writing.
  const now = clock();
  if (at === undefined || at <= now + CLOCK_LEEWAY_SECONDS) return [];
  return [clockBehind(dataFile(config.data), "its newest journal entry was made", at, now)];
}
