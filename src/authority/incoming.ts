import { hash } from "node:crypto";
import { access, constants, mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { incomingFolder, storeExists } from "../config/data-files.ts";
import { errorText } from "../observe/logger.ts";
import type { BadLine, ImportReport } from "./admin-import-types.ts";
import type { Desk } from "./desk.ts";
import { sumReports } from "./import/sum-reports.ts";
import { runImport } from "./run-import.ts";

const LOOK_EVERY_MS = 1_000;
const RETRY_MS = 30_000;
/** A file that was written to since may be half there; who renames it in is not kept waiting longer. */
const SETTLED_MS = 1_500;
const MOST_AT_ONCE = 500;
/** Linux has 255 octets for a file's name; some are for the time before it and `.reason.txt` behind it. */
const LONGEST_NAME = 255 - "YYYYMMDDTHHMMSSZ-.reason.txt".length;
const HALF_WRITTEN = /^\.|\.(part|tmp|new|swp)$|~$/;

/**
 * Imports what is put into `data/incoming/NAME/`, each file whole: names that begin with a dot or end in `.part` or
 * `.tmp` are left alone, and so is what still changes. What was imported goes to `done/`, what was not or not all
 * to `bad/` with the reason beside it.
 */
export class Incoming {
  readonly #desk: Desk;
  readonly #config: Pick<Config, "data" | "file">;
  readonly #stopping = new AbortController();
  /** By issuer: size and time of each file as it was seen last. */
  readonly #seen = new Map<string, ReadonlyMap<string, string>>();
  /** By issuer, where an import failed: not before then, by the milliseconds of the process. */
  readonly #waits = new Map<string, number>();

  constructor(config: Pick<Config, "data" | "file">, desk: Desk) {
    this.#config = config;
    this.#desk = desk;
  }

  start(): void {
    void this.#run();
  }

  /** Ends an import that is under way; its files stay, and are imported again. */
  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await Promise.all(this.#desk.issuers().map(({ name }) => this.#attend(name)));
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** An issuer whose files cannot be imported now delays no other. */
  async #attend(issuer: string): Promise<void> {
    if (performance.now() < (this.#waits.get(issuer) ?? 0)) return;
    try {
      await this.#look(issuer);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#waits.set(issuer, performance.now() + RETRY_MS);
      this.#desk.log.error({ issuer, reason: errorText(error) }, "incoming files wait");
    }
  }

  async #look(issuer: string): Promise<void> {
    // Where the data folder was moved away, another in its place would only be in the way.
    if (!storeExists(this.#config.data)) return;
    const folder = join(incomingFolder(this.#config.data), issuer);
    for (const part of ["done", "bad"])
      await mkdir(join(folder, part), { recursive: true, mode: 0o770 });
    const files = await this.#settled(issuer, folder);
    if (files.length === 0) return;
    const { added, changed, bad } = await this.#imported(issuer, files);
    for (const file of files) await this.#putAway(folder, file, linesOf(bad, file));
    const told = { issuer, files: files.length, added, changed, bad: bad.length };
    if (bad.length > 0)
      this.#desk.log.error(told, "incoming files imported, some of it bad: see bad/");
    else this.#desk.log.info(told, "incoming files imported");
  }

  /** One file that cannot be read at all keeps back no other: where there are several, each is tried alone. */
  async #imported(issuer: string, files: readonly string[]): Promise<ImportReport> {
    const report = await runImport(this.#config.file, issuer, files, this.#stopping.signal);
    if (!("error" in report)) return report;
    const { code, message, do: remedy } = report.error;
    if (code !== "badFile") throw new Error(`${message}; ${remedy}`);
    const [file = "", ...more] = files;
    if (more.length === 0) return { ...NOTHING, bad: [{ file, line: 1, message }] };
    let sum = NOTHING;
    for (const one of files) sum = sumReports(sum, await this.#imported(issuer, [one]));
    return sum;
  }

  /** The files that are whole, and can be read. */
  async #settled(issuer: string, folder: string): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((one) => one.isFile() && !HALF_WRITTEN.test(one.name));
    const before = this.#seen.get(issuer);
    const seen = new Map<string, string>();
    const settled: string[] = [];
    for (const { name } of names.slice(0, MOST_AT_ONCE)) {
      const file = join(folder, name);
      const now = await stateOf(file);
      if (!now) continue;
      seen.set(file, now.state);
      if (before?.get(file) !== now.state || now.ageMs < SETTLED_MS) continue;
      const fault = await access(file, constants.R_OK).then(() => undefined, errorText);
      if (fault === undefined) settled.push(file);
      else await this.#putAway(folder, file, [{ file, line: 1, message: fault }]);
    }
    this.#seen.set(issuer, seen);
    return settled.sort();
  }

  async #putAway(folder: string, file: string, bad: readonly BadLine[]): Promise<void> {
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `${stamp}-${fitting(file.slice(folder.length + 1))}`;
    if (bad.length === 0) {
      await moveAway(file, join(folder, "done", name));
      return;
    }
    const reasons = bad.map(({ line, message }) => `line ${line}: ${message}\n`).join("");
    await writeFile(join(folder, "bad", `${name}.reason.txt`), reasons, { mode: 0o660 });
    await moveAway(file, join(folder, "bad", name));
  }
}

const NOTHING: ImportReport = { read: 0, added: 0, changed: 0, unchanged: 0, bad: [] };

function linesOf(bad: readonly BadLine[], file: string): BadLine[] {
  return bad.filter((line) => line.file === file);
}

/** A name, cut off after whole characters where it is too long; two that begin alike stay two. */
function fitting(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const mark = `~${hash("sha256", name).slice(0, 8)}`;
  let kept = name;
  while (Buffer.byteLength(kept) + mark.length > LONGEST_NAME) kept = kept.replace(/.$/su, "");
  return kept + mark;
}

/** By what a file is known to have changed, and how long ago it did; nothing where it has gone meanwhile. */
async function stateOf(file: string): Promise<{ state: string; ageMs: number } | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  const { size, mtimeMs } = found;
  return { state: `${size} ${mtimeMs}`, ageMs: Math.abs(Date.now() - mtimeMs) };
}

/** Who brought a file may have taken it away again; it has been dealt with all the same. */
async function moveAway(file: string, to: string): Promise<void> {
  await rename(file, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
