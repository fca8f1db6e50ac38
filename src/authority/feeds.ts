import { rm } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { crlFolder, workFolder } from "../config/data-files.ts";
import { CRLCompression } from "./crl-compression.ts";
import type { Desk } from "./desk.ts";
import { CRLFetcher } from "./imported-crl/crl-fetcher.ts";
import { CRLImporter } from "./imported-crl/crl-importer.ts";
import { importNewer } from "./imported-crl/import-newer.ts";
import { Renewal } from "./imported-crl/renewal.ts";
import { Incoming } from "./incoming.ts";

/** All that comes in by itself: the authority's side of imports that nobody gives a command for. */
export class Feeds {
  /** What imports CRLs, for whoever brings one. */
  readonly importer: CRLImporter;
  readonly #desk: Desk;
  readonly #renewal: Renewal;
  readonly #compression: CRLCompression;
  readonly #fetcher: CRLFetcher;
  readonly #incoming: Incoming;
  readonly #work: string;
  readonly #published: string;

  constructor(config: Config, desk: Desk) {
    this.#desk = desk;
    this.#work = workFolder(config.data);
    this.#renewal = new Renewal(desk);
    const published = crlFolder(config.data);
    this.#published = published;
    this.#compression = new CRLCompression(desk, published);
    const folders = { published, work: this.#work, compression: this.#compression };
    this.importer = new CRLImporter(desk, folders, this.#renewal);
    this.#fetcher = new CRLFetcher(desk, this.importer);
    this.#incoming = new Incoming(config, desk);
  }

  /** Removes what a crash left half done; before anything comes in. */
  async clear(): Promise<void> {
    await rm(this.#work, { recursive: true, force: true });
  }

  start(): void {
    for (const { config, number } of this.#desk.issuers()) {
      if (config.source === "crl") this.#renewal.start(number);
    }
    this.#fetcher.start();
    this.#incoming.start();
    void importNewer(this.#desk, this.importer, this.#published);
  }

  /** Gives up what is under way, to be done again after a start; resolves when nothing writes any more. */
  async stop(): Promise<void> {
    this.#incoming.stop();
    this.#fetcher.stop();
    await Promise.all([this.importer.stop(), this.#renewal.stop(), this.#compression.stop()]);
  }
}
