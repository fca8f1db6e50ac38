import { sameOctets } from "../der/oids.ts";
import { rfc3339 } from "../der/time.ts";
import { errorText } from "../observe/logger.ts";
import { appendJournal } from "../store/journal.ts";
import { readServiceView } from "../store/service-view.ts";
import {
  addWithdrawn,
  publicKeyName,
  readWithdrawn,
  type WithdrawnSigner,
} from "../store/withdrawn.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { ReplacementProgress, WithdrawalReport } from "./admin-signer-types.ts";
import type { Configured } from "./configured.ts";
import type { Desk } from "./desk.ts";
import { activeSigner, type Issuer } from "./issuer.ts";
import { Refused } from "./refused.ts";
import { Replacement } from "./replacement.ts";

/**
 * Withdraws compromised signers: from that second none of their answers is served, and they never sign again.
 * What they had signed is signed anew at once by another signer, at full speed, and after a restart too.
 */
export class Withdrawals {
  readonly #desk: Desk;
  readonly #configured: Pick<Configured, "change">;
  /** By the issuer's number. */
  readonly #replacements = new Map<number, Replacement>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(desk: Desk, configured: Pick<Configured, "change">) {
    this.#desk = desk;
    this.#configured = configured;
  }

  /** Goes on with what a restart interrupted. */
  start(): void {
    const unfinished = readWithdrawn(this.#desk.store).filter(({ isReplaced }) => !isReplaced);
    for (const issuer of this.#desk.issuers()) {
      if (unfinished.some((one) => one.issuer === issuer.number)) this.#replace(issuer);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  /** Withdraws a signer by its certificate's serial number: configured, or one that has ever signed. */
  async withdraw(
    issuer: Issuer,
    serialNumber: SerialNumber,
    by: string,
  ): Promise<WithdrawalReport> {
    const certificate = this.#signer(issuer, serialNumber);
    const publicKey = publicKeyName(certificate);
    const known = readWithdrawn(this.#desk.store).some((one) => one.publicKey === publicKey);
    const sequence = known ? null : await this.#write(issuer, certificate, by);
    const current = this.#desk.issuers().find(({ number }) => number === issuer.number) ?? issuer;
    const isUnderWay = this.#replacements.get(issuer.number)?.isUnderWay === true;
    if (sequence !== null || !isUnderWay) this.#replace(issuer);
    return { ...this.#estimate(current), serialNumber: serialNumberText(serialNumber), sequence };
  }

  /** How far the replacement of an issuer's withdrawn answers is; done where there is none. */
  progress(issuer: Issuer): ReplacementProgress {
    const { walked, replaced, isDone } = this.#replacements.get(issuer.number) ?? NONE;
    const { records } = this.#desk.census.issuer(issuer.number);
    return { issuer: issuer.name, records, walked: Math.min(walked, records), replaced, isDone };
  }

  #signer(issuer: Issuer, serialNumber: SerialNumber): Certificate {
    this.#desk.store.refresh();
    const view = readServiceView(this.#desk.store)?.issuers ?? [];
    const served = view.find(({ number }) => number === issuer.number)?.signers ?? [];
    const all = [
      ...issuer.signers.map(({ certificate }) => certificate),
      ...served.map(({ certificate }) => readCertificate(certificate)),
    ];
    const found = all.find((one) => sameOctets(one.serialNumber, serialNumber));
    if (!found) throw unknownSigner(issuer, serialNumber, all);
    if (sameOctets(found.subjectPublicKey, issuer.certificate.subjectPublicKey))
      throw caKey(issuer);
    return found;
  }

  /** One change: the journal, the withdrawal, and what responders are told. */
  #write(issuer: Issuer, certificate: Certificate, by: string): Promise<number> {
    const at = rfc3339(this.#desk.clock());
    const serialNumber = serialNumberText(certificate.serialNumber);
    const publicKey = publicKeyName(certificate);
    const signer = { issuer: issuer.number, serialNumber, publicKey, by, at, isReplaced: false };
    this.#desk.log.warn({ issuer: issuer.name, signer: serialNumber, by }, "a signer is withdrawn");
    return this.#configured.change((transaction) => {
      addWithdrawn(transaction, signer satisfies WithdrawnSigner);
      return appendJournal(transaction, {
        action: "withdraw",
        by,
        at,
        issuer: issuer.name,
        serialNumber,
      });
    });
  }

  #estimate(issuer: Issuer): Omit<WithdrawalReport, "serialNumber" | "sequence"> {
    const { records } = this.#desk.census.issuer(issuer.number);
    const signer = activeSigner(issuer, this.#desk.clock());
    const rate = (signer?.key.rate ?? 0) * this.#desk.signingThreads;
    return {
      issuer: issuer.name,
      signer: signer ? serialNumberText(signer.certificate.serialNumber) : null,
      records,
      estimateSeconds:
        rate === 0 ? null : Math.ceil((records * issuer.config.ocsp.hashes.length) / rate),
    };
  }

  #replace({ name, number }: Issuer): void {
    const replacement = new Replacement(this.#desk, name, this.#stopping.signal);
    this.#replacements.get(number)?.giveUp();
    this.#replacements.set(number, replacement);
    this.#desk.replacing.add(number);
    const run = replacement.run(number).catch((error: unknown) => {
      this.#desk.log.error({ issuer: name, reason: errorText(error) }, "replacing answers failed");
    });
    this.#running.add(run);
    void run.finally(() => {
      replacement.isUnderWay = false;
      this.#running.delete(run);
      if (this.#replacements.get(number) === replacement) this.#desk.replacing.delete(number);
    });
  }
}

const NONE = { walked: 0, replaced: 0, isDone: true };

function unknownSigner(
  issuer: Issuer,
  serialNumber: SerialNumber,
  all: readonly Certificate[],
): Refused {
  const known = [...new Set(all.map((one) => serialNumberText(one.serialNumber)))];
  return new Refused(
    "unknownCertificate",
    `${issuer.name} has no signer ${serialNumberText(serialNumber)}`,
    `name one of its signers by its certificate's serial number: ${known.join(", ")}`,
  );
}

function caKey(issuer: Issuer): Refused {
  return new Refused(
    "usage",
    `this signer's key is the key of the CA ${issuer.name} itself`,
    "a CA whose key is compromised is revoked by the CA above it; take the issuer out of the configuration, and reload",
  );
}
