import type { Config, Problem } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { restartOnlyChanges } from "../config/reload.ts";
import { rfc3339 } from "../der/time.ts";
import type { Logger } from "../observe/logger.ts";
import { inTime } from "../signing/in-time.ts";
import type { Probed } from "../signing/jobs.ts";
import { appendJournal } from "../store/journal.ts";
import { readServiceView, writeServiceView } from "../store/service-view.ts";
import type { Store, Transaction } from "../store/store.ts";
import { publicKeyName, readWithdrawn } from "../store/withdrawn.ts";
import type { Certificate } from "../x509/certificate.ts";
import { isKeyURI } from "../x509/key-uri.ts";
import type { Clock } from "./clock.ts";
import { type Issuer, keyRef, makeIssuer, servedIssuer } from "./issuer.ts";
import {
  type IssuerFiles,
  noneValidNow,
  readIssuerFiles,
  type SignerFile,
  twinProblems,
} from "./issuer-files.ts";
import type { KeyWatch } from "./key-watch.ts";
import { Refused } from "./refused.ts";

type UsableFiles = IssuerFiles & { readonly certificate: Certificate };

/** Responders look for a change this often; a reload is answered when they have had time to. */
const RESPONDERS_LOOK_MS = 50;
/** A start or a reload does not wait longer for a key. */
const PROBE_PATIENCE_MS = 3_000;

/** The issuers as they are configured now, and the way to another configuration. */
export class Configured {
  readonly #store: Store;
  readonly #keys: KeyWatch;
  readonly #clock: Clock;
  readonly #log: Logger;
  #config: Config;
  #issuers: readonly Issuer[] = [];
  #files: readonly UsableFiles[] = [];
  /** What was amiss when this configuration was applied. */
  #amiss: readonly Problem[] = [];
  /** The last reload that was asked for. */
  #reloading: Promise<unknown> = Promise.resolve();
  /** The last change of what responders are told. */
  #applied: Promise<unknown> = Promise.resolve();

  constructor(config: Config, store: Store, keys: KeyWatch, clock: Clock, log: Logger) {
    this.#config = config;
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
  }

  get signingThreads(): number {
    return this.#config.signingThreads;
  }

  get issuers(): readonly Issuer[] {
    return this.#issuers;
  }

  /**
   * At start: a signer that cannot be used is an alarm in the log, since answers that are signed already
   * can still be served, and its key may come; an issuer without its certificate cannot be, and fails the start.
   */
  async start(): Promise<void> {
    const { files, problems } = await this.#read(this.#config);
    const lacking = files.filter(({ certificate }) => !certificate);
    const fatal = [...lacking.flatMap((file) => file.problems), ...twinProblems(files)];
    if (fatal.length > 0) throw notUsable(fatal);
    await this.#apply(this.#config, files.filter(isUsable), () => undefined);
    this.#tell(problems);
  }

  /**
   * Applies the file as it is now, all of it or, with any problem, nothing. What is amiss already, as a signer
   * that has expired, is no reason to refuse what is changed for other issuers: it is returned. One that is asked for
   * while another is under way comes after it: no earlier file is applied after a later one.
   */
  reload(by: string): Promise<readonly Problem[]> {
    const reloaded = this.#reloading.then(() => this.#reload(by));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #reload(by: string): Promise<readonly Problem[]> {
    const loaded = await loadConfig(this.#config.file);
    if (!loaded.ok) throw notUsable(loaded.problems);
    const fixed = restartOnlyChanges(this.#config, loaded.config);
    if (fixed.length > 0) throw notUsable(fixed);
    const { files, problems } = await this.#read(loaded.config);
    const standing = this.#standing();
    const fresh = problems.filter((one) => !standing.has(told(one)));
    if (fresh.length > 0) throw notUsable(fresh);
    await this.#inTurn(() =>
      this.#apply(loaded.config, files.filter(isUsable), (transaction) =>
        appendJournal(transaction, { action: "reload", by, at: rfc3339(this.#clock()) }),
      ),
    );
    await sleep(2 * RESPONDERS_LOOK_MS);
    this.#log.info({ by }, "configuration reloaded");
    this.#tell(problems);
    return problems;
  }

  #tell(problems: readonly Problem[]): void {
    this.#amiss = problems;
    for (const { where, problem, do: remedy } of problems) {
      this.#log.error({ where, problem, do: remedy }, "a configured file cannot be used");
    }
  }

  /** What is amiss as things are, whatever a new file says. */
  #standing(): ReadonlySet<string> {
    const keys = this.#issuers.flatMap((issuer) =>
      signersOf(issuer).flatMap((signer) => {
        const { fault } = this.#keys.stateOf(keyRef(signer));
        return fault === null ? [] : [badKey(issuer.name, fault, signer.keyFile)];
      }),
    );
    const times = this.#files.flatMap(({ signers }) => noneValidNow(signers, this.#clock()));
    return new Set([...this.#amiss, ...keys, ...times].map(told));
  }

  async #read(config: Config): Promise<{ files: IssuerFiles[]; problems: Problem[] }> {
    const files = config.issuers.map((issuer) => readIssuerFiles(issuer, this.#clock()));
    const badKeys = await Promise.all(files.map((file) => this.#badKeys(file)));
    const problems = files.flatMap((file, i) => [...file.problems, ...(badKeys[i] ?? [])]);
    return { files, problems: [...problems, ...twinProblems(files)] };
  }

  /** Keys that are missing, wrong or another certificate's. A token that is away is none: it may come back. */
  async #badKeys({ config, signers, crlSigner }: IssuerFiles): Promise<Problem[]> {
    const all = crlSigner ? [...signers, crlSigner] : signers;
    const bad = await Promise.all(
      all.map(async (signer) => {
        const found = await this.#probed(signer);
        return found.state === "unusable" ? [badKey(config.name, found.fault, signer.keyFile)] : [];
      }),
    );
    return bad.flat();
  }

  /** A token that answers slowly holds nobody up: the watch over keys goes on without us. */
  #probed(signer: SignerFile): Promise<Probed> {
    const fault = "the token has not answered yet";
    return inTime(this.#keys.probe(keyRef(signer)), PROBE_PATIENCE_MS, fault).catch(
      (): Probed => ({ state: "away", fault }),
    );
  }

  /**
   * Writes what responders are told anew, together with the change that makes it so, and waits until they have
   * had time to look.
   */
  async change<T>(body: (transaction: Transaction) => T): Promise<T> {
    const result = await this.#inTurn(() => this.#apply(this.#config, this.#files, body));
    await sleep(2 * RESPONDERS_LOOK_MS);
    return result;
  }

  /** Each begins from what the one before has left. */
  #inTurn<T>(apply: () => Promise<T>): Promise<T> {
    const applied = this.#applied.then(apply);
    this.#applied = applied.catch(() => undefined);
    return applied;
  }

  async #apply<T>(
    config: Config,
    files: readonly UsableFiles[],
    body: (transaction: Transaction) => T,
  ): Promise<T> {
    const { issuers, result } = await this.#store.transact((transaction) => ({
      result: body(transaction),
      issuers: this.#write(transaction, files),
    }));
    this.#issuers = issuers;
    this.#config = config;
    this.#files = files;
    this.#keys.keep(issuers.flatMap(signersOf).map(keyRef));
    return result;
  }

  /** The issuers, and what responders are told of them. */
  #write(transaction: Transaction, files: readonly UsableFiles[]): Issuer[] {
    const withdrawn = new Set(readWithdrawn(transaction).map(({ publicKey }) => publicKey));
    const isWithdrawn = (publicKey: string): boolean => withdrawn.has(publicKey);
    const before = readServiceView(transaction)?.issuers ?? [];
    const sources = { keys: this.#keys, store: this.#store };
    const made = files.map((file) => {
      const issuer = makeIssuer(transaction, file, sources);
      const earlier = before.find(({ number }) => number === issuer.number);
      return { issuer, served: servedIssuer(issuer, earlier, isWithdrawn) };
    });
    writeServiceView(
      transaction,
      made.map(({ served }) => served),
    );
    const issuers = made.map(({ issuer, served }) => ({
      ...issuer,
      servedSigners: new Set(served.signers.map(({ number }) => number)),
    }));
    for (const signer of issuers.flatMap(signersOf)) {
      if (isWithdrawn(publicKeyName(signer.certificate))) this.#keys.withdraw(keyRef(signer));
    }
    return issuers;
  }
}

/** Not that of node:timers/promises, which tests of the sweep turn. */
function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function signersOf({ signers, crlSigner }: Issuer): readonly SignerFile[] {
  return crlSigner ? [...signers, crlSigner] : signers;
}

/** A key that cannot sign, where files are read; `vouch check` says more. */
function badKey(issuer: string, fault: string, keyFile: string): Problem {
  const remedy = isKeyURI(keyFile)
    ? "put token, PIN file and URI right; vouch check says more"
    : "put the right key there";
  return { where: `issuer ${issuer}`, problem: fault, do: remedy };
}

function told({ where, problem }: Problem): string {
  return `${where}: ${problem}`;
}

function isUsable(files: IssuerFiles): files is UsableFiles {
  return files.certificate !== undefined;
}

function notUsable(problems: readonly Problem[]): Refused {
  return new Refused(
    "configuration",
    problems.map(told).join("\n"),
    problems.map((problem) => problem.do).join("\n"),
  );
}
