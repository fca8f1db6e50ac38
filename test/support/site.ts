import { existsSync } from "node:fs";
import { type Daemon, type DaemonOptions, startDaemon } from "./daemon.ts";
import { ocspRequest, untilLive, untilOcspSays } from "./ocsp-client.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";
import { type VouchEnded, type VouchOptions, vouch } from "./vouch-cli.ts";
import {
  choosePlaces,
  type IssuerSetup,
  type Places,
  type VouchDocument,
  vouchDocument,
  writeVouchFile,
} from "./vouch-file.ts";

/** What a site has. */
interface SiteOptions {
  readonly issuers: readonly IssuerSetup[];
  /** More top-level keys of the configuration. */
  readonly more?: VouchDocument;
  readonly daemon?: DaemonOptions;
  /** Chosen before, where the configuration names URLs at the daemon's port. */
  readonly places?: Places;
}

/** A configuration, its store and the daemon on it. */
export interface Site {
  readonly places: Places;
  readonly issuers: readonly IssuerSetup[];
  readonly daemon: Daemon;
  /** Runs a command with this configuration. */
  vouch(args: readonly string[], options?: VouchOptions): Promise<VouchEnded>;
  /** Ends the daemon, removes the folder and the CAs. */
  close(): Promise<void>;
}

/** A configuration in a folder of its own, with the store that `vouch init --config` makes. */
export async function prepareSite(
  options: Omit<SiteOptions, "daemon">,
): Promise<Omit<Site, "daemon">> {
  const { issuers, more = {} } = options;
  const { places = await choosePlaces(tempFolder()) } = options;
  const document = vouchDocument(places, issuers, more);
  const close = async (): Promise<void> => {
    removeFolder(places.folder);
    for (const { pki } of issuers) pki.remove();
  };
  writeVouchFile(places.config, document);
  const made = await vouch(["init"], { config: places.config });
  if (made.code !== 0 || !existsSync(places.data)) {
    await close();
    throw new Error(`vouch init: exit ${made.code}\n${made.stdout}\n${made.stderr}`);
  }
  const here = { config: places.config };
  return {
    places,
    issuers,

    vouch: (args, run) => vouch(args, { ...here, ...run }),
    close,
  };
}

/** Prepares a site, starts its daemon and imports each issuer's `index.txt`; OCSP answers then, also live. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const prepared = await prepareSite(options);
  const daemon = await startDaemon(prepared.places, options.daemon).catch(
    closeAndThrow(prepared.close),
  );
  const close = async (): Promise<void> => {
    await daemon.stop().finally(prepared.close);
  };
  const site: Site = { ...prepared, daemon, close };
  await Promise.all(options.issuers.map((issuer) => importIndex(site, issuer))).catch(
    closeAndThrow(close),
  );
  return site;
}

function closeAndThrow(close: () => Promise<void>): (error: unknown) => Promise<never> {
  return async (error) => {
    await close();
    throw error;
  };
}

async function importIndex(site: Site, { name, pki, ocsp }: IssuerSetup): Promise<void> {
  const done = await site.vouch(["import", name, pki.index, "--format", "index"]);
  if (done.code !== 0) {
    throw new Error(`vouch import ${name}: exit ${done.code}\n${done.stdout}\n${done.stderr}`);
  }
  const last = pki.leaves.at(-1);
  if (last === undefined) return;
  await untilOcspSays(site.daemon.url, ocspRequest(pki, last.serialNumber), "good");
  if (ocsp?.["nonce"] !== "ignore") await untilLive(site.daemon.url, pki, last.serialNumber);
}

/** An import file of good certificates with these serial numbers, in Vouch's CSV. */
export function goodCsv(serialNumbers: readonly string[]): string {
  const lines = serialNumbers.map((serialNumber) => `${serialNumber},2036-01-01T00:00:00Z,good`);
  return ["serialNumber,notAfter,status", ...lines, ""].join("\n");
}
