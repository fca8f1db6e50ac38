import { cpSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, startDaemon } from "../../test/support/daemon.ts";
import { request } from "../../test/support/http-client.ts";
import { makePki, type Pki } from "../../test/support/openssl-pki.ts";
import { prepareSite } from "../../test/support/site.ts";
import { until } from "../../test/support/until.ts";
import { vouch } from "../../test/support/vouch-cli.ts";
import { type Places, vouchDocument, writeVouchFile } from "../../test/support/vouch-file.ts";
import { type RequestMaker, requestMaker } from "./ocsp-requests.ts";
import { writeIndexFiles } from "./records.ts";

/** The issuer's name in the configuration. */
export const ISSUER = "load";

/** More certificates than anybody imports in this time, in milliseconds, are not worth waiting for. */
const IMPORT_WITHIN_MS = 4 * 3600_000;

type Keys = Readonly<Record<string, unknown>>;

/** What is configured besides files and ports; keys of `issuers[0].ocsp`, and its `crl` or none. */
export interface SiteKeys {
  readonly ocsp?: Keys;
  readonly crl?: Keys | false;
}

/** A CA, a store and a configuration of their own, on free ports, in a folder that goes with this process. */
export class LoadSite {
  readonly places: Places;
  readonly pki: Pki;
  readonly request: RequestMaker;
  readonly #remove: () => Promise<void>;

  private constructor(places: Places, pki: Pki, remove: () => Promise<void>) {
    this.places = places;
    this.pki = pki;
    this.request = requestMaker(pki.caCertificate);
    this.#remove = remove;
  }

  /** Makes the CA with the `openssl` command (ECDSA P-256, a delegated signer), and the empty store. */
  static async make(keys: SiteKeys = {}): Promise<LoadSite> {
    const pki = makePki({ algorithm: "ec", name: "Vouch Load CA", leaves: 0 });
    const more = { signingThreads: "auto" };
    const { places, close } = await prepareSite({
      issuers: [{ name: ISSUER, pki, ...keys }],
      more,
    });
    return new LoadSite(places, pki, close);
  }

  get url(): string {
    return `http://127.0.0.1:${this.places.publicPort}/`;
  }

  /** Writes the configuration anew; for a daemon that is started after it. */
  configure(keys: SiteKeys): void {
    const issuers = [{ name: ISSUER, pki: this.pki, ...keys }];
    const document = vouchDocument(this.places, issuers, { signingThreads: "auto" });
    writeVouchFile(this.places.config, document);
  }

  /** Starts `vouch serve`, and waits until it answers, and takes commands: it may do the first before. */
  async start(): Promise<Daemon> {
    const daemon = await startDaemon(this.places);
    const { admin: socketPath } = this.places;
    const takesCommands = async (): Promise<boolean> =>
      (await request("http://authority/stats", { socketPath })).status === 200;
    await until(takesCommands, { what: "the authority to take commands" });
    return daemon;
  }

  /** Lists the certificates as `openssl ca` would; every `revokedEvery`-th is revoked. */
  writeIndexFiles(count: number, revokedEvery = 0): string[] {
    return writeIndexFiles(this.places.folder, count, revokedEvery);
  }

  /** Runs `vouch import` for these files, one after the other; rejects when any line is not imported. */
  async import(files: readonly string[]): Promise<void> {
    for (const file of files) {
      const args = ["import", ISSUER, file, "--format", "index"];
      const done = await vouch(args, { config: this.places.config, timeout: IMPORT_WITHIN_MS });
      if (done.code !== 0) throw new Error(`vouch import: exit ${done.code}\n${done.stderr}`);
    }
  }

  /** Octets of the store's file. */
  get storeOctets(): number {
    return statSync(join(this.places.data, "data.mdb")).size;
  }

  /** Keeps a copy of the stopped daemon's data, to be put back by `restoreData`. */
  keepData(): void {
    cpSync(this.places.data, this.#kept, { recursive: true });
  }

  restoreData(): void {
    rmSync(this.places.data, { recursive: true });
    cpSync(this.#kept, this.places.data, { recursive: true });
  }

  remove(): Promise<void> {
    return this.#remove();
  }

  get #kept(): string {
    return join(this.places.folder, "kept");
  }
}
