import { createHash } from "node:crypto";
import { join } from "node:path";
import type { UnixSeconds } from "../der/time.ts";
import type { CRLRow } from "../store/crl-rows.ts";

/** One form of a published file: its octets as they go out (RFC 9110 3.2, 8.4). */
export interface Representation {
  readonly coding: "identity" | "gzip";
  /** Octets. */
  readonly size: number;
  /** Strong; with its quotes. */
  readonly etag: string;
  /** The file that the octets are in; empty for what is in no file. */
  readonly path: string;
  /** The octets, where they are always at hand. */
  readonly octets: Buffer | undefined;
}

/** A CRL or a CA certificate, as it is served. */
export interface PublishedFile {
  readonly contentType: string;
  readonly identity: Representation;
  /** The same, compressed when it was published; only a CRL has it. */
  readonly gzip: Representation | undefined;
  readonly lastModified: UnixSeconds | undefined;
  /** Nothing for what does not go out of date. */
  readonly nextUpdate: UnixSeconds | undefined;
  /** Whether its path never means other octets, or the newest of its kind. */
  readonly stands: "forNow" | "forEver";
}

/** The newest CRL of its scope; the folder is that of all CRLs. */
export function crlFile(row: CRLRow, folder: string): PublishedFile {
  const path = join(folder, row.file);
  return {
    contentType: "application/pkix-crl",
    identity: representation("identity", path, row),
    gzip: row.gzip && representation("gzip", `${path}.gz`, row.gzip),
    lastModified: row.thisUpdate,
    nextUpdate: row.nextUpdate,
    stands: "forNow",
  };
}

/** A CRL under the path that has its number. */
export function numberedCRLFile(row: CRLRow, folder: string): PublishedFile {
  return { ...crlFile(row, folder), stands: "forEver" };
}

function representation(
  coding: "identity" | "gzip",
  path: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Representation {
  return { coding, size: bytes, etag: entityTag(sha256), path, octets: undefined };
}

/** A CA certificate. */
export function certificateFile(der: Uint8Array): PublishedFile {
  const octets = Buffer.from(der);
  const etag = entityTag(createHash("sha256").update(octets).digest("hex"));
  return {
    contentType: "application/pkix-cert",
    identity: { coding: "identity", size: octets.length, etag, path: "", octets },
    gzip: undefined,
    lastModified: undefined,
    nextUpdate: undefined,
    stands: "forNow",
  };
}

/** The same on every machine that has the same octets. */
function entityTag(sha256: string): string {
  return `"${sha256.slice(0, 32)}"`;
}
