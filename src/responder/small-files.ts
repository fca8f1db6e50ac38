import { readFile } from "node:fs/promises";
import type { Representation } from "./published-file.ts";

/** A larger file is read from disk for each who asks, at the pace of who asks. */
export const LARGEST_SMALL: number = 64 * 1024;
/** All that is kept; thousands of shards may be larger than that together. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Small published files, kept in memory once they were asked for; those not asked for longest go first. */
export class SmallFiles {
  readonly #kept = new Map<string, Buffer>();
  #size = 0;

  /** The octets, where they are at hand. */
  atHand({ path, octets, size }: Representation): Buffer | undefined {
    if (octets) return octets;
    const kept = this.#kept.get(path);
    if (!kept || kept.length !== size) return undefined;
    this.#kept.delete(path);
    this.#kept.set(path, kept);
    return kept;
  }

  /** The octets, read from disk; it rejects where they are not there, or not whole. */
  async read(path: string, size: number): Promise<Buffer> {
    const octets = await readFile(path);
    if (octets.length !== size) {
      throw new Error(
        `${path} has ${octets.length} octets, and not the ${size} that were published`,
      );
    }
    this.#keep(path, octets);
    return octets;
  }

  #keep(path: string, octets: Buffer): void {
    this.#size += octets.length - (this.#kept.get(path)?.length ?? 0);
    this.#kept.delete(path);
    this.#kept.set(path, octets);
    for (const [oldest, { length }] of this.#kept) {
      if (this.#size <= MOST_KEPT) return;
      this.#kept.delete(oldest);
      this.#size -= length;
    }
  }
}
