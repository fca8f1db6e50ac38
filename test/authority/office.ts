import { pino } from "pino";
import type { IssueRequest, PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import type { ImportReport, ImportRow } from "../../src/authority/admin-import-types.ts";
import type { ChangeReport, ChangeRequest, HistoryEntry } from "../../src/authority/admin-types.ts";
import { ClockWatch } from "../../src/authority/clock-watch.ts";
import { Configured } from "../../src/authority/configured.ts";
import { CRLPublisher } from "../../src/authority/crl-publisher.ts";
import { type Desk, makeDesk } from "../../src/authority/desk.ts";
import { certificateHistory } from "../../src/authority/history.ts";
import { importBatch } from "../../src/authority/import-batch.ts";
import type { Issuer } from "../../src/authority/issuer.ts";
import { KeyWatch } from "../../src/authority/key-watch.ts";
import { revoke } from "../../src/authority/revocation.ts";
import { hold, release } from "../../src/authority/suspension.ts";
import type { Config } from "../../src/config/config.ts";
import { crlFolder } from "../../src/config/data-files.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type CertRecord, decodeRecord } from "../../src/ocsp/record.ts";
import { initStore } from "../../src/setup/init.ts";
import type { Signing } from "../../src/signing/jobs.ts";
import { type SigningPool, startSigningPool } from "../../src/signing/pool.ts";
import { recordKey } from "../../src/store/keys.ts";
import { openStore } from "../../src/store/lmdb.ts";
import type { ReasonName } from "../../src/x509/reason.ts";
import { parseSerialNumber, type SerialNumber } from "../../src/x509/serial-number.ts";
import { issueSigner } from "../setup/planted.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import {
  choosePlaces,
  type IssuerSetup,
  vouchDocument,
  writeVouchFile,
} from "../support/vouch-file.ts";

/** Signatures a second of every key, whatever the machine does beside: batches are made by it. */
const RATE = 10_000;

/** What an office is for; `issuers` gets the CA whose name is `gov-1`. */
interface OfficeOptions {
  readonly issuers?: (pki: Pki) => readonly (Pick<IssuerSetup, "name"> & Partial<IssuerSetup>)[];
  readonly ocsp?: Readonly<Record<string, unknown>>;
  readonly crl?: IssuerSetup["crl"];
  /** Whether `now` is watched, as the authority watches the machine's clock; else any time is taken. */
  readonly clock?: "watched";
  /** Certificates that the CA has issued; not imported. */
  readonly leaves?: number;
}

/** The authority's rules in this process: a real store, real keys, a real signing pool, and a clock to turn. */
export class Office {
  readonly folder: string;
  readonly pki: Pki;
  readonly #isWatched: boolean;
  config: Config;
  /** What was logged as an error. */
  readonly errors: string[] = [];
  /** Done before each signing of answers. */
  beforeAnswers: (priority: "urgent" | "bulk") => Promise<void> = () => Promise.resolve();
  /** Done before each task of live signing. */
  beforeLive: () => Promise<void> = () => Promise.resolve();
  /** Done before each try of a key. */
  beforeProbe: () => Promise<void> = () => Promise.resolve();
  /** Done after each signing of a CRL. */
  afterCRL: () => Promise<unknown> = () => Promise.resolve();
  /** Seconds since 1970; the machine's clock where it is not set. */
  now: number | undefined;
  /** Seconds that passed, for a clock that is watched. */
  uptime = 0;
  /** Whether a clock that is not watched is relied on. */
  maySign: () => boolean = () => true;
  desk!: Desk;
  publisher!: CRLPublisher;
  #pool!: SigningPool;
  #keys!: KeyWatch;
  #configured!: Configured;

  /** The watch over the clock; it looks when it is asked, and keeps what it saw when the office shuts. */
  watch: ClockWatch | undefined;

  constructor(folder: string, pki: Pki, config: Config, options: OfficeOptions = {}) {
    this.folder = folder;
    this.pki = pki;
    this.config = config;
    this.#isWatched = options.clock === "watched";
  }

  readonly clock = (): number => Math.floor(this.now ?? Date.now() / 1000);

  readonly live: Signing["live"] = async (job) => {
    await this.beforeLive();
    return this.#pool.live(job);
  };

  /** Opens the store and starts the pool, as the authority does at its start; counts what is there. */
  async open(): Promise<void> {
    const log = pino({ level: "error" }, { write: (line: string) => void this.errors.push(line) });
    const store = openStore(this.config.data);
    this.#pool = startSigningPool(1);
    const threads: SigningPool = {
      answers: async (job, priority) => {
        await this.beforeAnswers(priority);
        return { ...(await this.#pool.answers(job, priority)), rate: RATE };
      },
      live: this.live,
      crl: async (job) => {
        const made = await this.#pool.crl(job);
        await this.afterCRL();
        return made;
      },
      probe: async (key) => {
        await this.beforeProbe();
        const probed = await this.#pool.probe(key);
        return probed.state === "signs" ? { ...probed, rate: RATE } : probed;
      },
      close: () => this.#pool.close(),
    };
    this.#keys = new KeyWatch(threads, log);
    const signing = this.#keys;
    const { clock } = this;
    const uptime = (): number => this.uptime;
    this.watch = this.#isWatched
      ? new ClockWatch({ store, clock, monotonic: uptime, uptime, log })
      : undefined;
    const watch = this.watch ?? { now: clock, maySign: () => this.maySign() };
    this.#configured = new Configured(this.config, store, signing, watch.now, log);
    await this.#configured.start();
    this.desk = makeDesk({ store, signing, configured: this.#configured, watch, log });
    await this.desk.census.scan(store, (key) => this.desk.unanswered.add(key));
    this.publisher = new CRLPublisher(this.desk, signing, crlFolder(this.config.data));
  }

  /** Signing threads that have no key yet. */
  async freshThreads(): Promise<void> {
    await this.#pool.close();
    this.#pool = startSigningPool(1);
  }

  async shut(): Promise<void> {
    await this.publisher?.stop();
    await this.watch?.end();
    await this.#keys.close();
    await this.desk.store.close();
  }

  /** A restart, with the configuration file as it stands. */
  async reopen(): Promise<void> {
    await this.shut();
    this.config = await readConfig(this.config.file);
    await this.open();
  }

  async close(): Promise<void> {
    await this.shut();
    removeFolder(this.folder);
    this.pki.remove();
  }

  /** Applies the configuration file as it stands now. */
  async reload(): Promise<void> {
    await this.#configured.reload("test");
  }

  /** Has responders told anew what they are told, as a withdrawal does. */
  tellAnew(): Promise<void> {
    return this.#configured.change(() => undefined);
  }

  issuer(name = "gov-1"): Issuer {
    const found = this.desk.issuers().find((issuer) => issuer.name === name);
    if (!found) throw new Error(`no issuer ${name}`);
    return found;
  }

  import(rows: readonly ImportRow[], issuer = "gov-1"): Promise<ImportReport> {
    return importBatch(this.desk, this.issuer(issuer), { rows, by: "test", dryRun: false });
  }

  revoke(
    serialNumbers: readonly string[],
    reason: ReasonName = "keyCompromise",
    issuer = "gov-1",
  ): Promise<ChangeReport> {
    return revoke(this.desk, this.issuer(issuer), {
      ...changeOf(serialNumbers),
      issuer,
      reason,
      revocationDate: null,
      invalidityDate: null,
    });
  }

  hold(serialNumbers: readonly string[], at: string | null = null): Promise<ChangeReport> {
    return hold(this.desk, this.issuer(), { ...changeOf(serialNumbers), revocationDate: at });
  }

  release(serialNumbers: readonly string[]): Promise<ChangeReport> {
    return release(this.desk, this.issuer(), changeOf(serialNumbers));
  }

  history(serialNumber: string): HistoryEntry[] {
    return certificateHistory(this.desk.store, this.issuer(), serial(serialNumber));
  }

  /** Issues CRLs; the full one is the first. */
  issueCRLs(request: Partial<IssueRequest> = {}, issuer = "gov-1"): Promise<PublishedCRL[]> {
    const order = { by: "test", kinds: "all", force: null, ends: "inTime" } as const;
    return this.publisher.issue(this.issuer(issuer), { ...order, ...request });
  }

  async issueCRL(): Promise<PublishedCRL> {
    return (await this.issueCRLs())[0] as PublishedCRL;
  }

  /** A record as it is in the store now. */
  record(serialNumber: string, issuer = "gov-1"): CertRecord {
    const octets = this.octets(serialNumber, issuer);
    if (!octets) throw new Error(`no record of ${serialNumber}`);
    return decodeRecord(octets);
  }

  octets(serialNumber: string, issuer = "gov-1"): Buffer | undefined {
    const key = recordKey(this.issuer(issuer).number, serial(serialNumber));
    this.desk.store.refresh();
    return this.desk.store.get("records", key);
  }
}

function changeOf(serialNumbers: readonly string[]): ChangeRequest {
  const grounds = { request: "REF-1", agency: null, by: "test" };
  return { issuer: "gov-1", serialNumbers, ...grounds, dryRun: false };
}

/** Opens an office whose CA `gov-1` has a signer that is valid for a month back and a year ahead. */
export async function openOffice(options: OfficeOptions = {}): Promise<Office> {
  const pki = makePki({ algorithm: "ec", leaves: options.leaves ?? 0 });
  const places = await choosePlaces(tempFolder());
  const signer = issueSigner(pki, { days: [-31, 365] });
  const { issuers = () => [{ name: "gov-1" }], ocsp = {}, crl = false } = options;
  const common = { pki, crl, ocsp: { signers: [signer], ...ocsp } };
  const setups = issuers(pki).map((setup): IssuerSetup => ({ ...common, ...setup }));
  writeVouchFile(places.config, vouchDocument(places, setups));
  await initStore(places.config);
  const office = new Office(places.folder, pki, await readConfig(places.config), options);
  await office.open();
  return office;
}

async function readConfig(file: string): Promise<Config> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

export function serial(text: string): SerialNumber {
  const parsed = parseSerialNumber(text);
  if (!parsed) throw new Error(`no serial number: ${text}`);
  return parsed;
}

/** Serial numbers in the order of their octets, beginning with this number. */
export function serials(count: number, first = 0x10_00_00): string[] {
  return Array.from({ length: count }, (_, index) => (first + index).toString(16));
}

/** A good certificate of an import; what else it says is added. */
export function row(serialNumber: string, more: Partial<ImportRow> = {}): ImportRow {
  return {
    serialNumber,
    notAfter: "2036-01-01T00:00:00Z",
    status: "good",
    reason: null,
    revocationDate: null,
    invalidityDate: null,
    file: "test.csv",
    line: 1,
    ...more,
  };
}
