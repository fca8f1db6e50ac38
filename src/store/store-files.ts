import { statSync } from "node:fs";
import { dataFile, lockFile } from "../config/data-files.ts";
import { dataFileFault } from "./data-file-fault.ts";

/** What has become of a file that was opened, under its name. */
export type FileFate = "there" | "missing" | "replaced";

/**
 * The files that a store was opened from, by what their names lead to now. A process goes on with a file that was removed
 * or replaced and hears nothing: what it writes there no start will find, and readers and the writer that
 * have different lock files do not know of each other, so that pages are used again under those who read them.
 */
export class StoreFiles {
  readonly #data: OpenedFile;
  readonly #lock: OpenedFile;

  /** Right after the store was opened. */
  constructor(folder: string) {
    this.#data = new OpenedFile(dataFile(folder));
    this.#lock = new OpenedFile(lockFile(folder));
  }

  /** Why the one that writes must not go on, in words; nothing where all is in its place. */
  writerFault(): string | undefined {
    return faultOf(this.#data) ?? faultOf(this.#lock);
  }

  /**
   * Why one that reads must not go on. While there is nothing in place of a file, or not yet a whole store, what was
   * opened is the last that is known, and stays true until it expires.
   */
  readerFault(): string | undefined {
    if (this.#lock.fate === "replaced") return faultOf(this.#lock);
    if (this.#data.fate === "replaced" && isWhole(this.#data.path)) return faultOf(this.#data);
    return undefined;
  }
}

class OpenedFile {
  readonly path: string;
  readonly #device: number;
  readonly #inode: number;

  constructor(path: string) {
    this.path = path;
    const { dev = 0, ino = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    this.#device = dev;
    this.#inode = ino;
  }

  get fate(): FileFate {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (!now) return "missing";
    return now.dev === this.#device && now.ino === this.#inode ? "there" : "replaced";
  }
}

function faultOf({ path, fate }: OpenedFile): string | undefined {
  if (fate === "there") return undefined;
  return fate === "missing"
    ? `${path} was removed or moved away while it was in use`
    : `${path} was replaced by another file while it was in use`;
}

function isWhole(file: string): boolean {
  try {
    return dataFileFault(file) === undefined;
  } catch {
    // Gone again, or not to be read.
    return false;
  }
}
