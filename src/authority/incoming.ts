import { access, constants, mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { incomingFolder } from "../config/data-files.ts";
import { errorText } from "../observe/logger.ts";
import type { BadLine, ImportReport } from "./admin-import-types.ts";
import type { Desk } from "./desk.ts";
import { runImport } from "./run-import.ts";

const LOOK_EVERY_MS = 1_000;
const RETRY_MS = 30_000;
/** A file that was written to since may be half there; who renames it in is not kept waiting longer. */
const SETTLED_MS = 1_500;
const MOST_AT_ONCE = 500;
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
  /** Size and time of each file as it was seen last. */
  readonly #seen = new Map<string, string>();

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
      let pause = LOOK_EVERY_MS;
      for (const { name } of this.#desk.issuers()) {
        await this.#look(name).catch((error: unknown) => {
          if (signal.aborted) return;
          pause = RETRY_MS;
          this.#desk.log.error({ issuer: name, reason: errorText(error) }, "incoming files wait");
        });
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(issuer: string): Promise<void> {
    const folder = join(incomingFolder(this.#config.data), issuer);
    for (const part of ["done", "bad"])
      await mkdir(join(folder, part), { recursive: true, mode: 0o770 });
    const files = await this.#settled(folder);
    if (files.length === 0) return;
    const report = await runImport(this.#config.file, issuer, files, this.#stopping.signal);
    if ("error" in report) throw new Error(`${report.error.message}; ${report.error.do}`);
    for (const file of files) await this.#putAway(folder, file, linesOf(report, file));
    const { added, changed, bad } = report;
    const told = { issuer, files: files.length, added, changed, bad: bad.length };
    if (bad.length > 0)
      this.#desk.log.error(told, "incoming files imported, some of it bad: see bad/");
    else this.#desk.log.info(told, "incoming files imported");
  }

  /** The files that are whole, and can be read. */
  async #settled(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((one) => one.isFile() && !HALF_WRITTEN.test(one.name));
    const settled: string[] = [];
    for (const { name } of names.slice(0, MOST_AT_ONCE)) {
      const file = join(folder, name);
      if (!(await this.#isSettled(file))) continue;
      const fault = await access(file, constants.R_OK).then(() => undefined, errorText);
      if (fault === undefined) settled.push(file);
      else await this.#putAway(folder, file, [{ file, line: 1, message: fault }]);
    }
    return settled.sort();
  }

  /** Twice alike, and not written to for a while. */
  async #isSettled(file: string): Promise<boolean> {
    const { size, mtimeMs } = await stat(file);
    const now = `${size} ${mtimeMs}`;
    const isAlike = this.#seen.get(file) === now;
    this.#seen.set(file, now);
    return isAlike && Math.abs(Date.now() - mtimeMs) >= SETTLED_MS;
  }

  async #putAway(folder: string, file: string, bad: readonly BadLine[]): Promise<void> {
    this.#seen.delete(file);
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `${stamp}-${file.slice(folder.length + 1)}`;
    if (bad.length === 0) {
      await rename(file, join(folder, "done", name));
      return;
    }
    const reasons = bad.map(({ line, message }) => `line ${line}: ${message}\n`).join("");
    await writeFile(join(folder, "bad", `${name}.reason.txt`), reasons, { mode: 0o660 });
    await rename(file, join(folder, "bad", name));
  }
}

function linesOf(report: ImportReport, file: string): BadLine[] {
  return report.bad.filter((line) => line.file === file);
}
