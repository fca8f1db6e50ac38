import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Refused } from "../authority/refused.ts";
import type { Config } from "../config/config.ts";
import { dataFile, lockFile, storeExists } from "../config/data-files.ts";
import { loadConfig } from "../config/load.ts";
import { rfc3339 } from "../der/time.ts";
import { errorText } from "../observe/logger.ts";
import { StartError } from "../observe/start-error.ts";
import { appendJournal } from "../store/journal.ts";
import { createStore } from "../store/lmdb.ts";
import { setStoreModes } from "../store/modes.ts";
import { SCHEMA_VERSION, writeSetting } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { demoConfig, starterConfig } from "./config-template.ts";
import { demoFiles, makeDemoPki } from "./demo-pki.ts";
import { importDemo } from "./import-demo.ts";
import { makeFolder, removeFiles, writeNewFiles } from "./new-files.ts";

/** What `vouch init` made, and what was there and was left as it is. */
export interface InitReport {
  /** The configuration file. */
  readonly config: string;
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

interface InitOptions {
  readonly demo: boolean;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Makes a folder to start from: configuration, a place for keys, an empty store; with `demo` a PKI in use. Where that
 * fails (a full disk), the files that it has made are removed again, so that the same can be done once more.
 */
export async function initFolder(folder: string, options: InitOptions): Promise<InitReport> {
  const root = resolve(folder);
  const file = join(root, "config", "vouch.yaml");
  const pki = join(root, "config", "pki");
  const made: string[] = [];
  const kept: string[] = [];
  for (const path of [join(root, "config"), pki, join(root, "var")]) {
    (existsSync(path) ? kept : made).push(path);
    await makeFolder(path);
  }
  if (existsSync(file)) {
    kept.push(file);
    return joined({ config: file, made, kept }, await initStore(file));
  }
  made.push(file);
  const store = await (options.demo ? makeDemo(file, pki, options) : makeStarter(file));
  return joined({ config: file, made, kept }, store);
}

async function makeStarter(file: string): Promise<InitReport> {
  await writeNewFiles([{ path: file, content: starterConfig(), holds: "public" }]);
  return initStore(file).catch(removeAndThrow([file]));
}

async function makeDemo(file: string, pki: string, options: InitOptions): Promise<InitReport> {
  const now = Math.floor(Date.now() / 1000);
  const demo = await makeDemoPki(pki, { now, onProgress: options.onProgress ?? (() => undefined) });
  const files = demoFiles(pki).flatMap(({ name: _, ...paths }) => Object.values(paths));
  const undo = removeAndThrow([...files, file]);
  const content = demoConfig(demo.issuers);
  await writeNewFiles([{ path: file, content, holds: "public" }]).catch(removeAndThrow(files));
  const store = await initStore(file).catch(undo);
  const config = await readConfig(file);
  const isNew = store.made.length > 0;
  const emptied = removeAndThrow([...files, file, ...(isNew ? storeFiles(config.data) : [])]);
  await importDemo(config, demo.issuers).catch(emptied);
  return store;
}

/** Makes the empty store that a configuration file names; one that is there is left alone. */
export async function initStore(file: string): Promise<InitReport> {
  const config = await readConfig(file);
  if (storeExists(config.data)) return { config: config.file, made: [], kept: [config.data] };
  await makeFolder(config.data);
  await makeStore(config.data).catch(removeAndThrow(storeFiles(config.data)));
  return { config: config.file, made: [config.data], kept: [] };
}

async function makeStore(folder: string): Promise<void> {
  const store = newStore(folder);
  try {
    await store.transact((transaction) => {
      writeSetting(transaction, "schema", SCHEMA_VERSION);
      const at = rfc3339(Math.floor(Date.now() / 1000));
      appendJournal(transaction, { action: "init", by: "vouch init", at });
    });
  } finally {
    await store.close();
  }
  setStoreModes(folder);
}

function newStore(folder: string): Store {
  try {
    return createStore(folder);
  } catch (error) {
    throw new StartError(
      "internal",
      `the store in ${folder} cannot be made: ${errorText(error)}`,
      "make room on its disk, and see that this user may write there; then do the same once more",
    );
  }
}

function storeFiles(data: string): readonly string[] {
  return [dataFile(data), lockFile(data)];
}

/** Half a set-up would be in the way of the next try. */
function removeAndThrow(paths: readonly string[]): (error: unknown) => Promise<never> {
  return async (error) => {
    await removeFiles(paths);
    throw error;
  };
}

async function readConfig(file: string): Promise<Config> {
  const loaded = await loadConfig(file);
  if (loaded.ok) return loaded.config;
  throw new Refused(
    "configuration",
    loaded.problems.map(({ where, problem }) => `${where}: ${problem}`).join("\n"),
    loaded.problems.map((problem) => problem.do).join("\n"),
  );
}

function joined(folder: InitReport, store: InitReport): InitReport {
  return {
    config: folder.config,
    made: [...new Set([...folder.made, ...store.made])],
    kept: folder.kept.filter((path) => !store.made.includes(path)),
  };
}
