import { close, fstat, open } from "node:fs";
import { promisify } from "node:util";

/** A file that is open for as long as somebody holds it. */
export interface OpenFile {
  readonly fd: number;
  /** Lets go of it, once; the last one closes it. */
  release(): void;
}

const openFile = promisify(open);
const statFile = promisify(fstat);

interface Shared {
  readonly fd: number;
  holders: number;
}

/**
 * Published files that are being downloaded. All who download one share its descriptor, so that 500
 * downloads of one CRL take one; and it stays readable to its end for them when it loses its name.
 */
export class OpenFiles {
  readonly #opened = new Map<string, Promise<Shared>>();

  /** How many files are open. */
  get count(): number {
    return this.#opened.size;
  }

  /** Opens a file, which must have `size` octets: one that is half there is not given to anybody. */
  async open(path: string, size: number): Promise<OpenFile> {
    const opening = this.#opened.get(path) ?? this.#begin(path, size);
    const shared = await opening;
    // Whoever closed it while this one waited has taken its name away, too.
    if (this.#opened.get(path) !== opening) return this.open(path, size);
    shared.holders++;
    return { fd: shared.fd, release: once(() => this.#release(path, shared)) };
  }

  #begin(path: string, size: number): Promise<Shared> {
    const opening = openWhole(path, size);
    this.#opened.set(path, opening);
    opening.catch(() => this.#opened.delete(path));
    return opening;
  }

  #release(path: string, shared: Shared): void {
    shared.holders--;
    if (shared.holders > 0) return;
    this.#opened.delete(path);
    closeQuietly(shared.fd);
  }
}

async function openWhole(path: string, size: number): Promise<Shared> {
  const fd = await openFile(path, "r");
  const found = await statFile(fd).catch(() => undefined);
  if (found?.size === size) return { fd, holders: 0 };
  closeQuietly(fd);
  throw new Error(`${path} has ${found?.size} octets, and not the ${size} that were published`);
}

function closeQuietly(fd: number): void {
  close(fd, () => undefined);
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
