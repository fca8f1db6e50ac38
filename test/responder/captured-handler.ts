import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { crlFolder } from "../../src/config/data-files.ts";
import type { UnixSeconds } from "../../src/der/time.ts";
import { Downloads } from "../../src/responder/downloads.ts";
import { Handler } from "../../src/responder/handler.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { type CRLRow, writeCRLRow } from "../../src/store/crl-rows.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { nextGeneration } from "../../src/store/service-view.ts";
import type { Store } from "../../src/store/store.ts";
import { startCapturedSite } from "../support/captured-site.ts";
import { startPublicServer } from "./lane-servers.ts";
import { storedSources } from "./stored-source.ts";

/** What the vectors ask about: a store that a real authority wrote, opened in this process. */
export interface CapturedHandler {
  readonly handler: Handler;
  /** Those of large CRLs. */
  readonly downloads: Downloads;
  /** The second in which every answer is made. */
  readonly now: UnixSeconds;
  /** Publishes octets as the issuer's next CRL; with `missing`, its file is not there. Gives the file's path. */
  publishCRL(octets: Buffer, file?: "missing"): Promise<string>;
  close(): Promise<void>;
}

/** Opens the store of the vectors' daemon once the daemon has ended: nothing changes in it any more. */
export async function openCapturedHandler(): Promise<CapturedHandler> {
  const site = await startCapturedSite();
  await site.daemon.stop();
  const store = openStore(site.places.data);
  const folder = crlFolder(site.places.data);
  const served = new Served(store, folder);
  served.refresh();
  const now = Math.floor(Date.now() / 1000);
  const source = storedSources(store, served, () => now);
  const downloads = new Downloads();
  return {
    handler: new Handler(served, source, new RequestTally(), () => now, downloads),
    downloads,
    now,
    publishCRL: async (octets, file) => {
      const row = crlRow(octets, now);
      const path = join(folder, row.file);
      if (file !== "missing") writeFileSync(path, octets);
      await publish(store, row);
      return path;
    },
    close: async () => {
      await store.close();
      await site.close();
    },
  };
}

/** The same, and the public service over it, for the tests of a file; both end after them. */
export async function serveCaptured(): Promise<CapturedHandler & { readonly port: number }> {
  const captured = await openCapturedHandler();
  const server = await startPublicServer(captured.handler);
  afterAll(() => server.close().finally(captured.close));
  return { ...captured, port: server.port };
}

function crlRow(octets: Buffer, now: UnixSeconds): CRLRow {
  const sha256 = createHash("sha256").update(octets).digest("hex");
  return {
    ...{ scope: "full", baseCRLNumber: null, sequence: null, endedHolds: [] },
    // Far above the one that the authority took from its clock.
    crlNumber: String(process.hrtime.bigint() + 2n ** 70n),
    thisUpdate: now - 60,
    nextUpdate: now + 3_600,
    entries: 0,
    bytes: octets.length,
    sha256,
    file: `${sha256}.crl`,
    refused: null,
  };
}

async function publish(store: Store, row: CRLRow): Promise<void> {
  await store.transact((transaction) => {
    writeCRLRow(transaction, 1, row);
    nextGeneration(transaction);
  });
}
