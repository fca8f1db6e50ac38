import { link, mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

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

/** Makes `name` another name of the file at `path`, in place of what had it, at once. */
export async function publishAs(path: string, name: string): Promise<void> {
  const aside = `${name}.new`;
  await rm(aside, { force: true });
  await link(path, aside);
  await rename(aside, name);
  await syncFolder(dirname(name));
}

/** Removes the CRL files in `folder` that are not to be kept, among them what a crash left half done. */
export async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!keep.has(name)) await unlink(join(folder, name));
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
