import { access, chmod, constants, lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that is to be made: keys are for their owner only from the first octet on. */
export interface NewFile {
  readonly path: string;
  readonly content: string;
  readonly holds: "key" | "public";
}

/** Something stands where a new file is to be made; it was left as it is. */
export class FileExistsError extends Error {
  override name = "FileExistsError";
  readonly code = "badFile";
  readonly do = "move it away, or choose another folder";
  readonly file: string;

  constructor(file: string) {
    super(`${file} is there already and is not overwritten`);
    this.file = file;
  }
}

/** A new file cannot be made where it is to be. */
class NoFolderError extends Error {
  override name = "NoFolderError";
}

/** Makes the folder with mode 0750; one that is there keeps its mode. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o750 });
  if (made !== undefined) await chmod(folder, 0o750);
}

/** Fails with a `FileExistsError` when anything, be it a broken link, has one of these names. */
export async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await exists(path)) throw new FileExistsError(path);
  }
}

/** Fails with a `NoFolderError` when one of these files cannot be made for want of a folder that may be written. */
export async function requireFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const folder = dirname(path);
    await access(`${folder}/`, constants.W_OK | constants.X_OK).catch((error: unknown) => {
      if (hasCode(error, "ENOENT")) throw new NoFolderError(`there is no folder ${folder}`);
      if (hasCode(error, "ENOTDIR")) throw new NoFolderError(`${folder} is no folder`);
      throw new NoFolderError(`${folder} cannot be written to`);
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

/**
 * Writes each file, never over one that exists (a `FileExistsError`). Where one cannot be written, as on a full disk,
 * none is left. A crash leaves the first of them; the next run then names the file that is in its way.
 */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = [];
  try {
    for (const file of files) {
      await writeNewFile(file);
      written.push(file.path);
    }
  } catch (error) {
    await removeFiles(written);
    throw error;
  }
}

/** Removes files that were made for nothing, as far as they are there. */
export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

async function writeNewFile({ path, content, holds }: NewFile): Promise<void> {
  try {
    await writeFile(path, content, { flag: "wx", mode: holds === "key" ? 0o600 : 0o644 });
  } catch (error) {
    if (hasCode(error, "EEXIST")) throw new FileExistsError(path);
    await rm(path, { force: true });
    throw Object.assign(error as Error, { path });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
