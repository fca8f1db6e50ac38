import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { startDaemon } from "./daemon.ts";
import { ocspRequest } from "./ocsp-client.ts";
import { type Leaf, makePki } from "./openssl-pki.ts";
import { prepareSite, type Site, startSite } from "./site.ts";
import type { VouchEnded } from "./vouch-cli.ts";

/** A daemon with one issuer, `gov-1`, and what tests of commands on its certificates say again and again. */
class OneIssuer {
  readonly site: Site;
  /** New for each test. */
  folder = "";
  #folders = 0;

  constructor(site: Site) {
    this.site = site;
  }

  get url(): string {
    return this.site.daemon.url;
  }

  get pki(): Site["issuers"][number]["pki"] {
    const [issuer] = this.site.issuers;
    if (issuer === undefined) throw new Error("no issuer");
    return issuer.pki;
  }

  leaf(number: number): Leaf {
    const found = this.pki.leaves[number];
    if (found === undefined) throw new Error(`no leaf ${number}`);
    return found;
  }

  serial(number: number): string {
    return this.leaf(number).serialNumber;
  }

  /** An OCSP request. */
  asks(serialNumber: string): Buffer {
    return ocspRequest(this.pki, serialNumber);
  }

  /** Runs a command on this issuer with `--json`. */
  run(command: string, ...args: readonly string[]): Promise<VouchEnded> {
    return this.site.vouch([command, "gov-1", ...args], { json: true });
  }

  async status(serialNumber: string): Promise<CertificateStatus> {
    return (await this.run("status", serialNumber)).json;
  }

  newFolder(): void {
    this.folder = join(this.site.places.folder, `test-${this.#folders++}`);
    mkdirSync(this.folder);
  }

  /** Writes a file into the folder, and gives its path. */
  file(name: string, content: string | Buffer): string {
    writeFileSync(join(this.folder, name), content);
    return join(this.folder, name);
  }
}

/**
 * One for the tests of a file; it ends after them. `knows` is whether the CA's register was imported, or nothing.
 * Throws where the daemon does not start.
 */
export async function oneIssuer(leaves: number, knows: "all" | "nothing"): Promise<OneIssuer> {
  const issuers = [{ name: "gov-1", pki: makePki({ algorithm: "ec", leaves }) }];
  const site = knows === "all" ? await startSite({ issuers }) : await startEmpty(issuers);
  const one = new OneIssuer(site);
  beforeEach(() => one.newFolder());
  afterAll(() => site.close());
  return one;
}

async function startEmpty(issuers: Site["issuers"]): Promise<Site> {
  const prepared = await prepareSite({ issuers });
  const daemon = await startDaemon(prepared.places);
  const close = async (): Promise<void> => {
    await daemon.stop().finally(prepared.close);
  };
  return { ...prepared, daemon, close };
}
