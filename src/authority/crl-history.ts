import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CertificateList, readCertificateList } from "../crl/certificate-list.ts";
import { type CRLScope, scopeName } from "../crl/scope.ts";
import { sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { algorithmOf, publicKeyOf } from "../signing/signer-check.ts";
import { CLOCK_LEEWAY_SECONDS } from "../store/clock-state.ts";
import { type CRLRow, publishedCRL, readCRLRows } from "../store/crl-rows.ts";
import { verifyOctets } from "../x509/signature-algorithm.ts";
import { crlFileNames } from "./crl-files.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { lastSequence } from "./revoked-walk.ts";

/** Full CRLs that are looked at for a delta's base; more than that are not issued while one is valid. */
const MOST_BASES = 500;
/** A delta to a base with more changes since would be slow to read and hardly smaller than a full CRL. */
const MOST_CHANGES = 50_000;
const PIECE_OCTETS = 262_144;

/** Which CRLs have been published: by the store, and by what relying parties have seen where the store is behind. */
export class CRLHistory {
  readonly #desk: Desk;
  readonly #folder: string;
  readonly #published = new Map<string, CRLRow | undefined>();
  readonly #madeAt = new Map<string, UnixSeconds>();
  readonly #ahead = new Map<string, CRLRow | undefined>();

  /** `folder` is where CRL files are published. */
  constructor(desk: Desk, folder: string) {
    this.#desk = desk;
    this.#folder = folder;
  }

  /** The CRL that is served now. */
  published(issuer: Issuer, scope: CRLScope): CRLRow | undefined {
    // One that was made elsewhere is published by whoever imports it.
    if (!issuer.config.crl?.signer) return this.#read(issuer, scope);
    const name = nameOf(issuer, scope);
    if (!this.#published.has(name)) this.#published.set(name, this.#read(issuer, scope));
    return this.#published.get(name);
  }

  /**
   * The CRL that the next one follows: the one that is served, or a newer one that was published by a store
   * which has since been put back to an earlier state. Looks at the file once a process.
   */
  async previous(issuer: Issuer, scope: CRLScope): Promise<CRLRow | undefined> {
    const name = nameOf(issuer, scope);
    if (!this.#ahead.has(name)) {
      const ahead = await this.#readAhead(issuer, scope);
      // One that was published here meanwhile is no other's.
      if (!this.#ahead.has(name)) this.#ahead.set(name, ahead);
    }
    return this.#ahead.get(name) ?? this.published(issuer, scope);
  }

  /** Whether relying parties have seen a newer CRL than the store knows; known once `previous` has looked. */
  isBehind(issuer: Issuer, scope: CRLScope): boolean {
    return this.#ahead.get(nameOf(issuer, scope)) !== undefined;
  }

  /**
   * Seconds since a CRL was made. thisUpdate tells, but for one that was made while the clock was behind that
   * of the one before; endless where the clock has stepped back since.
   */
  age(issuer: Issuer, { scope, thisUpdate }: CRLRow): number {
    const age = this.#desk.clock() - (this.#madeAt.get(nameOf(issuer, scope)) ?? thisUpdate);
    return age < -CLOCK_LEEWAY_SECONDS ? Number.POSITIVE_INFINITY : age;
  }

  /** Takes a newer CRL than the store knew for the one that is served; its successor is due at once, all the same. */
  adopt(issuer: Issuer, row: CRLRow): void {
    this.#published.set(nameOf(issuer, row.scope), row);
  }

  /** Takes note of a CRL that is published now. */
  note(issuer: Issuer, row: CRLRow): void {
    const name = nameOf(issuer, row.scope);
    this.#madeAt.set(name, this.#desk.clock());
    this.#published.set(name, row);
    this.#ahead.set(name, undefined);
  }

  /**
   * The full CRL that a delta at `now` is the difference to: the oldest that relying parties may still rely
   * on, so that each of them can use the delta; a newer one where too much has changed since.
   */
  base(issuer: Issuer, now: UnixSeconds): CRLRow | undefined {
    const { validitySeconds = 0 } = issuer.config.crl ?? {};
    const rows = this.#fullRows(issuer);
    const sequence = lastSequence(this.#desk.store);
    return rows
      .filter((row) => row.sequence !== null && sequence - row.sequence <= MOST_CHANGES)
      .filter((row) => row.thisUpdate + validitySeconds > now)
      .at(-1);
  }

  /** Certificates, in hexadecimal, that full CRLs after the base left out as expired while on hold. */
  endedHoldsSince(issuer: Issuer, base: CRLRow): string[] {
    return this.#fullRows(issuer)
      .filter((row) => BigInt(row.crlNumber) > BigInt(base.crlNumber))
      .flatMap(({ endedHolds }) => endedHolds);
  }

  #read(issuer: Issuer, scope: CRLScope): CRLRow | undefined {
    this.#desk.store.refresh();
    return publishedCRL(this.#desk.store, issuer.number, scope);
  }

  /** Newest first. */
  #fullRows(issuer: Issuer): CRLRow[] {
    this.#desk.store.refresh();
    const rows = readCRLRows(this.#desk.store, issuer.number, "full", MOST_BASES);
    return rows.filter(({ refused }) => refused === null);
  }

  async #readAhead(issuer: Issuer, scope: CRLScope): Promise<CRLRow | undefined> {
    const newest = scopeName(`${issuer.name}.crl`, scope);
    const file = join(this.#folder, newest);
    const served = this.published(issuer, scope);
    const sha256 = await sha256OfFile(file);
    if (sha256 === undefined || sha256 === served?.sha256) return undefined;
    const der = await readFile(file);
    const row = rowOfFile(issuer, scope, der, sha256);
    if (!row || (served && BigInt(row.crlNumber) <= BigInt(served.crlNumber))) return undefined;
    const { crlNumber } = row;
    this.#desk.log.warn(
      { issuer: issuer.name, scope, crlNumber, file: newest },
      "a newer CRL was published than the store knows: the store was put back to an earlier state",
    );
    return row;
  }
}

function nameOf({ number }: Issuer, scope: CRLScope): string {
  return `${number} ${scope}`;
}

/** What a published file says of itself; nothing where it is no CRL of this scope that this issuer's key signed. */
function rowOfFile(
  issuer: Issuer,
  scope: CRLScope,
  der: Buffer,
  sha256: string,
): CRLRow | undefined {
  const list = readOwn(issuer, scope, der);
  if (list?.crlNumber === undefined) return undefined;
  const crlNumber = list.crlNumber.toString();
  return {
    ...{ scope, crlNumber, sha256, sequence: null, endedHolds: [], refused: null },
    baseCRLNumber: list.baseCRLNumber?.toString() ?? null,
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate,
    entries: list.entryCount,
    bytes: der.length,
    file: crlFileNames(issuer.name, scope, crlNumber).file,
  };
}

function readOwn(
  { config, certificate }: Issuer,
  scope: CRLScope,
  der: Buffer,
): CertificateList | undefined {
  const list = readOrNone(der);
  const algorithm = algorithmOf(certificate);
  if (!list || !algorithm || !sameOctets(list.issuer, certificate.subject)) return undefined;
  const url = isShard(scope) ? scopeName(config.crl?.url ?? "", scope) : undefined;
  const isAtItsURL = !config.crl?.signer || list.issuingDistributionPoint?.uris[0] === url;
  const isDelta = list.baseCRLNumber !== undefined;
  if (!isAtItsURL || (scope === "delta") !== isDelta) return undefined;
  const key = publicKeyOf(certificate);
  return verifyOctets(algorithm, list.tbsCertList, key, list.signature) ? list : undefined;
}

function isShard(scope: CRLScope): boolean {
  return scope !== "full" && scope !== "delta";
}

function readOrNone(der: Buffer): CertificateList | undefined {
  try {
    return readCertificateList(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** In pieces, so that 50 MB keep nobody waiting; nothing of a file that cannot be read. */
async function sha256OfFile(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_OCTETS })) {
      hash.update(piece as Buffer);
    }
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}
