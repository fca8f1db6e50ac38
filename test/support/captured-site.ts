import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { peekAnswer } from "./der-peek.ts";
import { untilOcspSays } from "./ocsp-client.ts";
import { capturedPki } from "./openssl-pki.ts";
import { type RawConnection, type RawResponse, rawConnection } from "./raw-http.ts";
import { goodCsv, type Site, startSite } from "./site.ts";

const VECTORS = fileURLToPath(new URL("../vectors/", import.meta.url));

/** The absolute path of a vector. */
export function vectorFile(file: string): string {
  return join(VECTORS, file);
}

/** A vector's octets. */
export function vector(file: string): Buffer {
  return readFileSync(vectorFile(file));
}

/** The daemon that the vectors are replayed against: their CA, named `ca`, whose key signs directly, with a CRL. */
export async function startCapturedSite(): Promise<Site> {
  const pki = capturedPki();
  const site = await startSite({ issuers: [{ name: "ca", pki }] });
  const csv = join(pki.folder, "base.csv");
  writeFileSync(csv, goodCsv(["4fff982709f9c2593c10e906bd482be1"]));
  expect((await site.vouch(["import", "ca", csv, "--format", "csv"])).code).toBe(0);
  expect((await site.vouch(["crl", "issue", "ca"])).code).toBe(0);
  await untilOcspSays(site.daemon.url, vector("synthetic/http/base.der"), "good");
  return site;
}

/** Opens a raw connection to the public service, and destroys it after. */
export async function withConnection(
  site: Site,
  body: (connection: RawConnection) => Promise<void>,
): Promise<void> {
  const connection = await rawConnection(site.places.publicPort);
  await body(connection).finally(() => connection.destroy());
}

/** An OCSP error is five octets (RFC 6960 4.2.1). */
export function expectOcspError(response: Pick<RawResponse, "body">, name: string): void {
  expect(peekAnswer(response.body).responseStatus).toBe(name);
  expect(response.body.length).toBe(5);
}
