import {
  chmod,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CRLScope, numberedName, scopeName } from "../crl/scope.ts";

/*
 * What lies here is what the URLs under /crl/ name, so that any web server or rsync can serve it: everybody may
 * read it, whatever the umask, and what is being written has a name with a dot before it until it is whole.
 * The folder above is open to its group alone.
 */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o2755;

/** Writes a file aside, makes sure it is on disk, and gives it its name: it is there whole or not at all. */
export async function publishFile(path: string, octets: Uint8Array): Promise<void> {
  await publishWritten(path, (file) => file.writeFile(octets));
}

/** The same for what `write` writes to the open file, whose mode is settled already. */
export async function publishWritten(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path));
  const aside = asideName(path);
  const file = await open(aside, "w", FILE_MODE);
  try {
    await file.chmod(FILE_MODE);
    await write(file);
    await file.sync();
  } catch (error) {
    // On a full disk its room is wanted.
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(aside, path);
  await syncFolder(dirname(path));
}

/** Gives a file that is on disk already its name, in a folder of the same file system. */
export async function publishMoved(from: string, path: string): Promise<void> {
  await makeFolder(dirname(path));
  await chmod(from, FILE_MODE);
  await rename(from, path);
  await syncFolder(dirname(path));
}

/**
 * Makes `name` another name of the file at `path`, in place of what had it, at once. What stood compressed
 * beside the old one goes before: a web server would give it as the new one.
 */
export async function publishAs(path: string, name: string): Promise<void> {
  const aside = asideName(name);
  await makeFolder(dirname(name));
  await rm(aside, { force: true });
  await link(path, aside);
  await rm(`${name}${GZIP_SUFFIX}`, { force: true });
  await rename(aside, name);
  await syncFolder(dirname(name));
}

/** Of the compressed form, after the name of the CRL. */
export const GZIP_SUFFIX = ".gz";

/** Of what is being written, whose name has a dot before it. */
const ASIDE_SUFFIX = ".new";

function asideName(path: string): string {
  return join(dirname(path), `.${basename(path)}${ASIDE_SUFFIX}`);
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  for (
    let made = folder;
    first !== undefined && made.length >= first.length;
    made = dirname(made)
  ) {
    await chmod(made, FOLDER_MODE);
  }
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

/** Which of the CRLs that have a numbered file are kept. */
export interface Retention {
  /** Numbers of so few digits are the names of shards' newest CRLs. */
  readonly shardDigits: number;
  /** Whether a CRL is kept to which there are so many newer ones; what is newer than one that is kept is kept, too. */
  isKept(crlNumber: bigint, newerOnes: number): boolean;
}

/**
 * Removes the numbered CRL files in `folder` that are not kept, and what a crash left half done; not while one
 * is being written there, except its compressed form.
 */
export async function removeOld(folder: string, retention: Retention): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.flatMap((entry) => (entry.isFile() ? numberedFile(entry.name) : []));
  const found = files.filter(({ digits }) => digits.length > retention.shardDigits);
  const kept = keptNumbers(found, retention);
  for (const { name, digits, form } of found) {
    if (form === "unfinished" || !kept.has(BigInt(digits))) await unlink(join(folder, name));
  }
}

/** Removes what a crash left half written anywhere below `folder`; only while nothing is being written there. */
export async function removeUnfinished(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const isLeft = ({ name }: { name: string }): boolean =>
    name.startsWith(".") && name.endsWith(ASIDE_SUFFIX);
  for (const entry of entries.filter(isLeft)) {
    await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

interface NumberedFile {
  readonly name: string;
  readonly digits: string;
  readonly form: "CRL" | "compressed" | "unfinished";
}

/** A file by its name, which is the CRLNumber of what it holds; nothing for any other file. */
function numberedFile(name: string): NumberedFile[] {
  const [, digits, ending] = /^\.?(\d+)(\.crl(?:\.gz)?(?:\.new)?)$/.exec(name) ?? [];
  if (digits === undefined) return [];
  if (ending === ".crl.new") return [{ name, digits, form: "unfinished" }];
  return [{ name, digits, form: ending === ".crl" ? "CRL" : "compressed" }];
}

function keptNumbers(files: readonly NumberedFile[], retention: Retention): Set<bigint> {
  const numbers = files.flatMap(({ digits, form }) => (form === "CRL" ? BigInt(digits) : []));
  const newestFirst = numbers.sort((a, b) => (a < b ? 1 : -1));
  const old = newestFirst.findIndex((crlNumber, newer) => !retention.isKept(crlNumber, newer));
  return new Set(old < 0 ? newestFirst : newestFirst.slice(0, old));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
