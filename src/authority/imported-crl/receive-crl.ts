import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CRLImportReport } from "../admin-import-types.ts";
import type { Issuer } from "../issuer.ts";
import { Refused } from "../refused.ts";
import type { CRLImporter } from "./crl-importer.ts";

/** A CRL of ten million entries takes some 450 MB in DER, and a third more in PEM. */
export const LARGEST_CRL: number = 640 * 1024 * 1024;

/** Takes a CRL's octets as they come on the admin socket, and imports it once it is whole. */
export async function receiveCRL(
  importer: CRLImporter,
  issuer: Issuer,
  query: URLSearchParams,
  octets: Readable,
): Promise<CRLImportReport> {
  const by = query.get("by") ?? "";
  if (by === "" || by.length > 200) {
    throw new Refused("usage", "nobody says who imports", "use the vouch command");
  }
  const file = await importer.workFile();
  try {
    await pipeline(octets, upTo(LARGEST_CRL), createWriteStream(file, { mode: 0o600 }));
    const name = query.get("name") ?? "-";
    return await importer.import(issuer, { file, name, by, dryRun: query.get("dryRun") === "1" });
  } finally {
    await rm(file, { force: true });
  }
}

/** Lets through so many octets; more are refused, and nothing is kept of them. */
export function upTo(most: number): (octets: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const piece of octets) {
      size += piece.length;
      refuseBeyond(most, size);
      yield piece;
    }
  };
}

/** Refuses a CRL that has more octets than `most`. */
export function refuseBeyond(most: number, octets: number): void {
  if (octets <= most) return;
  throw new Refused("badFile", `the CRL is larger than ${most} octets`, "ask the CA for parts");
}
