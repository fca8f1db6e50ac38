import { link, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CRLScope, numberedName, scopeName } from "../crl/scope.ts";

/** Writes a file aside, makes sure it is on disk, and gives it its name: it is there whole or not at all. */
export async function publishFile(path: string, octets: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const aside = `${path}.new`;
  const file = await open(aside, "w", 0o640);
  try {
    await file.writeFile(octets);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  await syncFolder(dirname(path));
}

/** Gives a file that is on disk already its name, in a folder of the same file system. */
export async function publishMoved(from: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await rename(from, path);
  await syncFolder(dirname(path));
}

/** Makes `name` another name of the file at `path`, in place of what had it, at once. */
export async function publishAs(path: string, name: string): Promise<void> {
  const aside = `${name}.new`;
  await mkdir(dirname(name), { recursive: true, mode: 0o750 });
  await rm(aside, { force: true });
  await link(path, aside);
  await rename(aside, name);
  await syncFolder(dirname(name));
}

/** Names of an issuer's CRL of one scope and number, within the folder of CRLs. */
export interface CRLFileNames {
  /** Its own, for ever. */
  readonly file: string;
  /** That of the newest CRL of the scope. */
  readonly newest: string;
}

/** Where CRLs are: as their URLs have it, beginning with the issuer's name. */
export function crlFileNames(issuer: string, scope: CRLScope, crlNumber: string): CRLFileNames {
  const newest = scopeName(`${issuer}.crl`, scope);
  return { file: numberedName(newest, BigInt(crlNumber)), newest };
}

/**
 * Removes the CRL files in `folder` that are not to be kept, among them what a crash left half done. The
 * newest CRLs of shards stay: their names are numbers of up to four digits.
 */
export async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isShard = /^\d{1,4}\.crl$/.test(entry.name);
    if (entry.isFile() && !isShard && !keep.has(entry.name)) await unlink(join(folder, entry.name));
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
