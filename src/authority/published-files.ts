import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { UnixSeconds } from "../der/time.ts";
import type { CRLRow } from "../store/crl-rows.ts";

const LOOK_EVERY_SECONDS = 60;

/** Whether a CRL's own file is there, as long as it was published; `folder` is where CRL files are published. */
export async function isWhole(folder: string, { file, bytes }: CRLRow): Promise<boolean> {
  return stat(join(folder, file)).then(
    ({ size }) => size === bytes,
    () => false,
  );
}

/** Tells of published CRLs that somebody removed or cut off: a folder that was not put back with the store. */
export class PublishedFiles {
  readonly #folder: string;
  readonly #lookedAt = new Map<number, UnixSeconds>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether one of these CRLs of an issuer is not whole on disk; looks once a minute, and says no in between. */
  async areDamaged(issuer: number, rows: readonly CRLRow[], now: UnixSeconds): Promise<boolean> {
    const last = this.#lookedAt.get(issuer);
    if (last !== undefined && Math.abs(now - last) < LOOK_EVERY_SECONDS) return false;
    this.#lookedAt.set(issuer, now);
    for (const row of rows) if (!(await isWhole(this.#folder, row))) return true;
    return false;
  }
}
