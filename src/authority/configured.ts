import type { Config, Problem } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { restartOnlyChanges } from "../config/reload.ts";
import { rfc3339 } from "../der/time.ts";
import { errorText, type Logger } from "../observe/logger.ts";
import type { Signing } from "../signing/jobs.ts";
import { appendJournal } from "../store/journal.ts";
import { readServiceView, writeServiceView } from "../store/service-view.ts";
import type { Store } from "../store/store.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Clock } from "./clock.ts";
import { type Issuer, makeIssuer, servedIssuer } from "./issuer.ts";
import {
  type IssuerFiles,
  readIssuerFiles,
  type SignerFile,
  twinProblems,
} from "./issuer-files.ts";
import { Refused } from "./refused.ts";

type UsableFiles = IssuerFiles & { readonly certificate: Certificate };

/** Responders look for a change this often; a reload is answered when they have had time to. */
const RESPONDERS_LOOK_MS = 50;

/** The issuers as they are configured now, and the way to another configuration. */
export class Configured {
  readonly #store: Store;
  readonly #signing: Signing;
  readonly #clock: Clock;
  readonly #log: Logger;
  #config: Config;
  #issuers: readonly Issuer[] = [];

  constructor(config: Config, store: Store, signing: Signing, clock: Clock, log: Logger) {
    this.#config = config;
    this.#store = store;
    this.#signing = signing;
    this.#clock = clock;
    this.#log = log;
  }

  get issuers(): readonly Issuer[] {
    return this.#issuers;
  }

  /**
   * At start: a signer that cannot be used is an alarm in the log, since answers that are signed already
   * can still be served; an issuer without its certificate cannot be, and fails the start.
   */
  async start(): Promise<void> {
    const { files, problems } = await this.#read(this.#config);
    const lacking = files.filter(({ certificate }) => !certificate);
    const fatal = [...lacking.flatMap((file) => file.problems), ...twinProblems(files)];
    if (fatal.length > 0) throw notUsable(fatal);
    for (const { where, problem, do: remedy } of problems) {
      this.#log.error({ where, problem, do: remedy }, "a configured file cannot be used");
    }
    await this.#apply(this.#config, files.filter(isUsable));
  }

  /** Applies the file as it is now, all of it or, with any problem, nothing. */
  async reload(by: string): Promise<void> {
    const loaded = await loadConfig(this.#config.file);
    if (!loaded.ok) throw notUsable(loaded.problems);
    const fixed = restartOnlyChanges(this.#config, loaded.config);
    if (fixed.length > 0) throw notUsable(fixed);
    const { files, problems } = await this.#read(loaded.config);
    if (problems.length > 0) throw notUsable(problems);
    await this.#apply(loaded.config, files.filter(isUsable), by);
    await new Promise((resolve) => setTimeout(resolve, 2 * RESPONDERS_LOOK_MS));
    this.#log.info({ by }, "configuration reloaded");
  }

  async #read(config: Config): Promise<{ files: IssuerFiles[]; problems: Problem[] }> {
    const files = config.issuers.map((issuer) => readIssuerFiles(issuer, this.#clock()));
    const checked = await Promise.all(files.map((file) => this.#withoutBadKeys(file)));
    return {
      files: checked.map(({ files: usable }) => usable),
      problems: [
        ...checked.flatMap(({ files: usable, badKeys }) => [...usable.problems, ...badKeys]),
        ...twinProblems(files),
      ],
    };
  }

  /** Leaves out signers whose key is missing or another certificate's; the signing threads look. */
  async #withoutBadKeys(files: IssuerFiles): Promise<{ files: IssuerFiles; badKeys: Problem[] }> {
    const badKeys: Problem[] = [];
    const works = async (signer: SignerFile): Promise<boolean> => {
      const { keyFile, certificate } = signer;
      try {
        await this.#signing.probe({ keyFile, certificate: certificate.der });
        return true;
      } catch (error) {
        const where = `issuer ${files.config.name}`;
        badKeys.push({ where, problem: errorText(error), do: "put the right key there" });
        return false;
      }
    };
    const signers = await keepWhere(files.signers, works);
    const crlSigner =
      files.crlSigner && (await works(files.crlSigner)) ? files.crlSigner : undefined;
    return { files: { ...files, signers, crlSigner }, badKeys };
  }

  async #apply(config: Config, files: readonly UsableFiles[], by?: string): Promise<void> {
    this.#issuers = await this.#store.transact((transaction) => {
      const issuers = files.map((file) => makeIssuer(transaction, file));
      const before = readServiceView(transaction)?.issuers ?? [];
      writeServiceView(
        transaction,
        issuers.map((issuer) =>
          servedIssuer(
            issuer,
            before.find(({ number }) => number === issuer.number),
          ),
        ),
      );
      if (by !== undefined) {
        appendJournal(transaction, { action: "reload", by, at: rfc3339(this.#clock()) });
      }
      return issuers;
    });
    this.#config = config;
  }
}

async function keepWhere<T>(all: readonly T[], keep: (one: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(all.map(keep));
  return all.filter((_, i) => kept[i]);
}

function isUsable(files: IssuerFiles): files is UsableFiles {
  return files.certificate !== undefined;
}

function notUsable(problems: readonly Problem[]): Refused {
  return new Refused(
    "configuration",
    problems.map(({ where, problem }) => `${where}: ${problem}`).join("\n"),
    problems.map((problem) => problem.do).join("\n"),
  );
}
