import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Refused } from "../authority/refused.ts";
import type { Config } from "../config/config.ts";
import { storeExists } from "../config/data-files.ts";
import { loadConfig } from "../config/load.ts";
import { rfc3339 } from "../der/time.ts";
import { appendJournal } from "../store/journal.ts";
import { createStore } from "../store/lmdb.ts";
import { setStoreModes } from "../store/modes.ts";
import { SCHEMA_VERSION, writeSetting } from "../store/settings.ts";
import { demoConfig, starterConfig } from "./config-template.ts";
import { makeDemoPki } from "./demo-pki.ts";
import { importDemo } from "./import-demo.ts";
import { makeFolder, writeNewFiles } from "./new-files.ts";

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

/** Makes a folder to start from: configuration, a place for keys, an empty store; with `demo` a PKI in use. */
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
  const hadConfig = existsSync(file);
  (hadConfig ? kept : made).push(file);
  if (!options.demo || hadConfig) {
    if (!hadConfig)
      await writeNewFiles([{ path: file, content: starterConfig(), holds: "public" }]);
    return joined({ config: file, made, kept }, await initStore(file));
  }
  const now = Math.floor(Date.now() / 1000);
  const demo = await makeDemoPki(pki, { now, onProgress: options.onProgress ?? (() => undefined) });
  const content = demoConfig(demo.issuers);
  await writeNewFiles([{ path: file, content, holds: "public" }]);
  const report = joined({ config: file, made, kept }, await initStore(file));
  await importDemo(await readConfig(file), demo.issuers);
  return report;
}

/** Makes the empty store that a configuration file names; one that is there is left alone. */
export async function initStore(file: string): Promise<InitReport> {
  const config = await readConfig(file);
  if (storeExists(config.data)) return { config: config.file, made: [], kept: [config.data] };
  await makeFolder(config.data);
  const store = createStore(config.data);
  await store.transact((transaction) => {
    writeSetting(transaction, "schema", SCHEMA_VERSION);
    const at = rfc3339(Math.floor(Date.now() / 1000));
    appendJournal(transaction, { action: "init", by: "vouch init", at });
  });
  await store.close();
  setStoreModes(config.data);
  return { config: config.file, made: [config.data], kept: [] };
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
