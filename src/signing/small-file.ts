import { readFileSync, statSync } from "node:fs";

/** A key or a certificate with its chain is far smaller. */
const LARGEST = 1024 * 1024;

/**
 * What a file of a key, PIN or certificate holds. A pipe would be waited for and a device read for ever, which
 * would hold up all other issuers: these fail, as does what is too large, with words that go after a file's name.
 */
export function readSmallFile(file: string): Buffer {
  const stats = statSync(file);
  if (!stats.isFile() && !stats.isDirectory()) throw new Error("is no regular file");
  if (stats.size > LARGEST) throw new Error(`is larger than ${LARGEST} octets`);
  return readFileSync(file);
}
