import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "./http-client.ts";
import type { PointingLeaf } from "./leaf-with-pointers.ts";
import { makeCrlLeaf } from "./leaf-with-pointers.ts";
import { makePki, type Pki } from "./openssl-pki.ts";
import { mustRun } from "./run-program.ts";
import { type Site, startSite } from "./site.ts";
import { tempFolder } from "./temp-folder.ts";
import { choosePlaces } from "./vouch-file.ts";

/**
 * Certificates by what became of them: revoked before the full CRL or after it, held before it and released after it,
 * held after it. The newest full CRL knows the first part of that, the newest delta all.
 */
export const FATES = ["good", "before", "after", "released", "held"] as const;
export type Fate = (typeof FATES)[number];

/** A CA whose certificates have met every fate. */
export interface CRLIssuer {
  readonly name: string;
  readonly pki: Pki;
  readonly serialNumbers: Readonly<Record<Fate, string>>;
  /** Certificates that name the full CRL, and the delta as freshestCRL. */
  readonly leaves: Readonly<Record<Fate, PointingLeaf>>;
  /** The same serial numbers in certificates that name their shards. */
  readonly sharded: Readonly<Record<Fate, PointingLeaf>>;
  /** Fetches a CRL by the end of its name, as `.crl`, `-delta.crl` or `/0.crl`: a file in PEM, or in DER. */
  fetch(end: string, form?: "PEM" | "DER"): Promise<string>;
}

export interface CRLSite {
  readonly site: Site;
  readonly issuers: readonly CRLIssuer[];
}

const SHARDS = 2;

/** A daemon with an EC and an RSA issuer, full and delta CRLs and shards, all at URLs that its certificates name. */
export async function startCRLSite(): Promise<CRLSite> {
  const places = await choosePlaces(tempFolder());
  const url = `http://127.0.0.1:${places.publicPort}/crl`;
  const setups = (["ec", "rsa"] as const).map((name) => ({
    name,
    pki: makePki({ algorithm: name, leaves: FATES.length, name: `CA thử ${name}` }),
    crl: { url: `${url}/${name}.crl`, delta: "1h", shards: SHARDS, onRevocation: "0s" },
    more: { hold: true },
  }));
  const site = await startSite({ issuers: setups, places });
  const issuers = setups.map(({ name, pki }) => issuerOf(name, pki, url));
  try {
    for (const issuer of issuers) await meetFates(site, issuer);
  } catch (error) {
    await site.close();
    throw error;
  }
  return { site, issuers };
}

function issuerOf(name: string, pki: Pki, url: string): CRLIssuer {
  const serialNumbers = byFate((_, i) => pki.leaves[i]?.serialNumber ?? "");
  const full = { crl: `${url}/${name}.crl`, delta: `${url}/${name}-delta.crl` };
  const shardOf = (serial: string): bigint => BigInt(`0x${serial}`) % BigInt(SHARDS);
  const leaf = (fate: Fate): PointingLeaf => makeCrlLeaf(pki, serialNumbers[fate], full);
  const sharded = (fate: Fate): PointingLeaf => {
    const crl = `${url}/${name}/${shardOf(serialNumbers[fate])}.crl`;
    return makeCrlLeaf(pki, serialNumbers[fate], { crl });
  };
  return {
    name,
    pki,
    serialNumbers,
    leaves: byFate(leaf),
    sharded: byFate(sharded),
    fetch: async (end, form = "PEM") => {
      const file = join(pki.folder, `got${end.replace("/", "-")}`);
      writeFileSync(file, (await request(`${url}/${name}${end}`)).body);
      if (form === "DER") return file;
      mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-out", `${file}.pem`]);
      return `${file}.pem`;
    },
  };
}

function byFate<T>(make: (fate: Fate, index: number) => T): Record<Fate, T> {
  return Object.fromEntries(FATES.map((fate, i) => [fate, make(fate, i)])) as Record<Fate, T>;
}

async function meetFates(site: Site, { name, serialNumbers }: CRLIssuer): Promise<void> {
  const { before, after, released, held } = serialNumbers;
  const vouch = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await site.vouch(args);
    if (code !== 0) throw new Error(`vouch ${args.join(" ")}: exit ${code}\n${stderr}`);
  };
  const invalid = ["--invalidity-date", "2026-10-01T00:00:00Z"];
  await vouch("revoke", name, before, "--reason", "keyCompromise", ...invalid);
  await vouch("hold", name, released);
  await vouch("crl", "issue", name);
  await vouch("revoke", name, after, "--reason", "superseded");
  await vouch("release", name, released);
  await vouch("hold", name, held);
  await vouch("crl", "issue", name, "--delta");
}
