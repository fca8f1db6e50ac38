import type { Flaw } from "../der/flaw.ts";
import { LenientReader } from "../der/lenient-reader.ts";
import { readAnyTime } from "../der/lenient-time.ts";
import { OIDS, oidText } from "../der/oids.ts";
import { DerError, DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { type AnyExtension, readExtensionList } from "../x509/extension-list.ts";
import { EntryReader, HIGHEST_REASON, UNUSED_REASON } from "./entry-reader.ts";

/** An entry of a CRL of whatever CA. */
export interface AnyEntry {
  readonly serialNumber: Uint8Array;
  /** Nothing where it is no time. */
  readonly revocationDate: UnixSeconds | undefined;
  /** CRLReason's number; 0 where it is not stated. */
  readonly reason: number;
  readonly statesReason: boolean;
  readonly invalidityDate: UnixSeconds | undefined;
}

/** Extensions of entries that are critical or not known here, by dotted identifier; each once. */
export interface RemarkableExtension {
  readonly oid: string;
  readonly isCritical: boolean;
}

/** What is to be said of all entries together. */
export interface WalkedEntries {
  readonly flaws: Flaw[];
  readonly remarkable: RemarkableExtension[];
  /** Whether any entry has extensions. */
  readonly hasExtensions: boolean;
}

const LAPSE = { where: "", rule: "RFC 5280 5.1.2.6", weight: "lapse" } as const;
const REASON_CODE = oidText(OIDS.crlReason);
const INVALIDITY_DATE = oidText(OIDS.invalidityDate);
const MOST_FLAWS = 20;
/** A CRL with more entries that the strict reader refuses is not tried with it any more: each costs an exception. */
const MOST_TRIES = 100;

/** Keeps what a strict reader would refuse although it can be taken in one way only. */
class LapseReader extends DerReader {
  readonly lapses: string[] = [];

  override refuse(problem: string): void {
    this.lapses.push(problem);
  }
}

/**
 * Walks the entries in the content of a revokedCertificates, a million in a second: those that are as
 * RFC 5280 wants them by the strict reader, the others one by one by the lenient one, their flaws noted.
 * `onEntry` gets the same object each time: copy what must last. Stops at what cannot be read at all.
 */
export function walkEntries(
  content: Uint8Array,
  onEntry: (entry: AnyEntry, index: number) => void,
): WalkedEntries {
  const walk = new Walk(content, onEntry);
  walk.run();
  return {
    flaws: walk.flaws(),
    remarkable: walk.remarkable(),
    hasExtensions: walk.hasMetExtensions,
  };
}

class Walk {
  readonly #content: Uint8Array;
  readonly #onEntry: (entry: AnyEntry, index: number) => void;
  readonly #flaws: Flaw[] = [];
  readonly #remarkable = new Map<string, RemarkableExtension>();
  hasMetExtensions = false;
  #flawed = 0;
  #index = 0;
  #tries = 0;
  #worst: Flaw["weight"] = "lapse";

  constructor(content: Uint8Array, onEntry: (entry: AnyEntry, index: number) => void) {
    this.#content = content;
    this.#onEntry = onEntry;
  }

  run(): void {
    let at: number | undefined = 0;
    while (at !== undefined && at < this.#content.length) {
      at = this.#tries < MOST_TRIES ? this.#strictly(at) : this.#leniently(at);
    }
  }

  flaws(): Flaw[] {
    const more = this.#flawed - MOST_FLAWS;
    if (more <= 0) return this.#flaws;
    const problem = `and ${more} more entries with something wrong`;
    return [
      ...this.#flaws,
      { where: "revokedCertificates", problem, rule: "RFC 5280 5.1.2.6", weight: this.#worst },
    ];
  }

  remarkable(): RemarkableExtension[] {
    return [...this.#remarkable.values()];
  }

  /** Reads entries from `from` to the end, or one that is not as it should be; gives where to go on. */
  #strictly(from: number): number | undefined {
    const reader = new LapseReader(this.#content, "CertificateList", from);
    const entry = new EntryReader(reader);
    let at = from;
    try {
      while (entry.next()) {
        this.#onEntry(entry, this.#index++);
        if (reader.lapses.length > 0) this.#noteLapses(reader.lapses);
        at = reader.offset;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      this.#tries++;
      return this.#leniently(at);
    } finally {
      for (const { oid, isCritical } of entry.remarkableExtensions) this.#remark(oid, isCritical);
      if (entry.hasMetExtensions) this.hasMetExtensions = true;
    }
  }

  #remark(oid: string, isCritical: boolean): void {
    this.#remarkable.set(`${oid} ${isCritical}`, { oid, isCritical });
  }

  #remarkOn(extensions: readonly AnyExtension[]): void {
    if (extensions.length > 0) this.hasMetExtensions = true;
    for (const { oid, isCritical } of extensions) {
      const isPlain = oid === REASON_CODE || oid === INVALIDITY_DATE;
      if (isCritical || !isPlain) this.#remark(oid, isCritical);
    }
  }

  /** Of the entry that was read last. */
  #noteLapses(problems: string[]): void {
    if (this.#flawed >= MOST_FLAWS) this.#flawed++;
    else this.#noteFlaws(problems.map((problem) => ({ problem, ...LAPSE })));
    problems.length = 0;
  }

  #noteFlaws(flaws: readonly Flaw[]): void {
    if (flaws.some(({ weight }) => weight === "error")) this.#worst = "error";
    if (flaws.length === 0 || this.#flawed++ >= MOST_FLAWS) return;
    this.#flaws.push(...flaws.map((flaw) => ({ ...flaw, where: `entry ${this.#index}` })));
  }

  /** Reads one entry as well as can be; gives where the next one begins. */
  #leniently(at: number): number | undefined {
    const where = `entry ${this.#index + 1}`;
    const flaws: Flaw[] = [];
    const reader = new LenientReader(this.#content.subarray(at), where, flaws, undefined);
    let next: number | undefined;
    try {
      const { length } = reader.element(Tag.sequence);
      next = at + length;
      flaws.length = 0;
      const whole = this.#content.subarray(at, next);
      this.#onEntry(
        this.#readEntry(new LenientReader(whole, where, flaws, undefined)),
        this.#index,
      );
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      flaws.push({ where, problem: error.message, rule: "RFC 5280 5.1.2.6", weight: "error" });
    }
    this.#index++;
    this.#noteFlaws(flaws);
    return next;
  }

  #readEntry(reader: LenientReader): AnyEntry {
    return reader.inside(Tag.sequence, () => {
      const serialNumber = reader.integer();
      const revocationDate = readAnyTime(reader, "x509").at;
      const extensions = reader.atEnd ? [] : readExtensionList(reader);
      this.#remarkOn(extensions);
      const reason = valueReader(extensions, REASON_CODE, reader.flaws);
      const code = reason?.smallInteger(Tag.enumerated) ?? 0;
      if (code === UNUSED_REASON || code > HIGHEST_REASON) {
        const problem = `CRLReason ${code}, which is none`;
        reader.note({ where: "", problem, rule: "RFC 5280 5.3.1", weight: "error" });
      }
      const invalidity = valueReader(extensions, INVALIDITY_DATE, reader.flaws);
      return {
        serialNumber,
        revocationDate,
        reason: code,
        statesReason: reason !== undefined,
        invalidityDate: invalidity && readAnyTime(invalidity, "generalized").at,
      };
    });
  }
}

function valueReader(
  extensions: readonly AnyExtension[],
  wanted: string,
  flaws: Flaw[],
): LenientReader | undefined {
  const value = extensions.find(({ oid }) => oid === wanted)?.value;
  return value && new LenientReader(value, "extension", flaws, undefined);
}
