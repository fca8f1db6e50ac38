import { oidText } from "../der/oids.ts";
import { type DerReader, Tag } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import type { ReasonCode } from "../x509/reason.ts";
import { type SerialNumber, serialNumberFromDer } from "../x509/serial-number.ts";
import type { RevokedEntry } from "./entry.ts";
import {
  type ExtensionVisitor,
  type ListedExtension,
  oidElement,
  readExtensions,
} from "./extension-reader.ts";
import { readGeneralizedTime, readX509Time } from "./time-reader.ts";

/** An entry as it stands on a CRL. */
export interface ListedEntry extends RevokedEntry {
  /** Whether reasonCode is there; without it `reason` is unspecified (RFC 5280 5.3.1). */
  readonly statesReason: boolean;
}

const REASON_CODE = 21;
const INVALIDITY_DATE = 24;
export const HIGHEST_REASON = 10;
export const UNUSED_REASON = 7;

/**
 * Reads the entries inside an open revokedCertificates one after the other. It is itself the
 * entry, and changes with each `next`: copy what must last; `serialNumber` is a view of the CRL.
 */
export class EntryReader implements ListedEntry, ExtensionVisitor {
  serialNumber: SerialNumber = serialNumberFromDer(new Uint8Array(0));
  revocationDate: UnixSeconds = 0;
  reason: ReasonCode = 0;
  statesReason = false;
  invalidityDate: UnixSeconds | undefined = undefined;
  /** Whether any entry read so far has extensions. */
  hasMetExtensions = false;
  #reader: DerReader;
  readonly #remarkable = new Map<string, ListedExtension>();

  constructor(reader: DerReader) {
    this.#reader = reader;
  }

  /** Goes on with what stands after the entries that were read: a CRL may come in pieces. */
  continueWith(reader: DerReader): void {
    this.#reader = reader;
  }

  /** Extensions met so far that are critical, or not known here; each once. */
  get remarkableExtensions(): ListedExtension[] {
    return [...this.#remarkable.values()];
  }

  /** Reads the next entry; false when there is none. Bad DER is a `DerError`. */
  next(): boolean {
    const reader = this.#reader;
    if (reader.atEnd) return false;
    const outer = reader.open(Tag.sequence);
    this.serialNumber = serialNumberFromDer(reader.integer());
    this.revocationDate = readX509Time(reader);
    this.reason = 0;
    this.statesReason = false;
    this.invalidityDate = undefined;
    if (!reader.atEnd) readExtensions(reader, this);
    reader.close(outer);
    return true;
  }

  knows(arc: number): boolean {
    return arc === REASON_CODE || arc === INVALIDITY_DATE;
  }

  readValue(arc: number, reader: DerReader): void {
    if (arc === INVALIDITY_DATE) {
      this.invalidityDate = readGeneralizedTime(reader);
      return;
    }
    const at = reader.offset;
    const code = reader.smallInteger(Tag.enumerated);
    if (code > HIGHEST_REASON || code === UNUSED_REASON) reader.fail(`CRLReason ${code}`, at);
    this.reason = code as ReasonCode;
    this.statesReason = true;
  }

  note(octets: Uint8Array, oidAt: number, isCritical: boolean, isKnown: boolean): void {
    this.hasMetExtensions = true;
    if (isKnown && !isCritical) return;
    const text = oidText(oidElement(octets, oidAt));
    this.#remarkable.set(`${text} ${isCritical}`, { oid: text, isCritical, isKnown });
  }
}
