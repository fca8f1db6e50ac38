import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UnixSeconds } from "../der/time.ts";
import type { CRLRow } from "../store/crl-rows.ts";

/** A file that is served whole: a CRL or a CA certificate. */
export interface PublishedFile {
  readonly contentType: string;
  readonly size: number;
  /** Quoted. */
  readonly etag: string;
  readonly lastModified: UnixSeconds | undefined;
  /** Nothing for what does not go out of date. */
  readonly nextUpdate: UnixSeconds | undefined;
  /** Where it is, to be streamed; nothing where it is small enough to be kept. */
  readonly path: string | undefined;
  /** Its octets where they are at hand. */
  readonly kept: Buffer | undefined;
  /** Its octets, read from disk the first time; only for a file without `path`. */
  octets(): Promise<Buffer>;
}

/** A larger file is read from disk for each who asks, at the pace of who asks. */
const LARGEST_KEPT = 4 * 1024 * 1024;

/** A published CRL; the folder is that of all CRLs. */
export function crlFile(row: CRLRow, folder: string): PublishedFile {
  const path = join(folder, row.file);
  let kept: Buffer | undefined;
  return {
    get kept() {
      return kept;
    },
    contentType: "application/pkix-crl",
    size: row.bytes,
    etag: `"${row.sha256.slice(0, 32)}"`,
    lastModified: row.thisUpdate,
    nextUpdate: row.nextUpdate,
    path: row.bytes > LARGEST_KEPT ? path : undefined,
    octets: async () => {
      kept = await readFile(path);
      return kept;
    },
  };
}

/** A CA certificate. */
export function certificateFile(der: Uint8Array): PublishedFile {
  const octets = Buffer.from(der);
  const hash = createHash("sha256").update(octets).digest("hex");
  return {
    contentType: "application/pkix-cert",
    size: octets.length,
    etag: `"${hash.slice(0, 32)}"`,
    lastModified: undefined,
    nextUpdate: undefined,
    path: undefined,
    kept: octets,
    octets: () => Promise.resolve(octets),
  };
}
