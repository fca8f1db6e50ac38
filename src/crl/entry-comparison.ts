import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import type { RevokedEntry } from "./entry.ts";
import type { ListedEntry } from "./entry-reader.ts";
import { compareSerialNumbers } from "./serial-order.ts";

/** What can be wrong with the entries of a CRL. */
export type EntryFault = "entries" | "order" | "duplicate" | "reason";

/**
 * Holds the entries of a CRL against those it should have, one by one and without copies.
 * `end` must be called, also after a failure: it lets go of the expected entries.
 */
export class EntryComparison {
  readonly #expected: Iterator<RevokedEntry>;
  readonly #allowedReasons: ReadonlySet<ReasonCode>;
  #last: SerialNumber | undefined;
  #orderFault: EntryFault | undefined;
  #contentFault: EntryFault | undefined;

  constructor(expected: Iterable<RevokedEntry>, allowedReasons: ReadonlySet<ReasonCode>) {
    this.#expected = expected[Symbol.iterator]();
    this.#allowedReasons = allowedReasons;
  }

  /** Takes the CRL's next entry. */
  add(entry: ListedEntry): void {
    this.#orderFault ??= this.#misplacement(entry);
    this.#contentFault ??= this.#misstatement(entry) ?? this.#difference(entry);
    this.#last = entry.serialNumber;
  }

  /** The first fault, once all entries were added; one of order explains those of content. */
  end(): EntryFault | undefined {
    this.#contentFault ??= this.#expected.next().done ? undefined : "entries";
    this.#expected.return?.();
    return this.#orderFault ?? this.#contentFault;
  }

  #misplacement({ serialNumber }: ListedEntry): EntryFault | undefined {
    if (this.#last === undefined) return undefined;
    const order = compareSerialNumbers(this.#last, serialNumber);
    if (order === 0) return "duplicate";
    return order < 0 ? undefined : "order";
  }

  #misstatement({ reason, statesReason }: ListedEntry): EntryFault | undefined {
    const isStatedRightly = statesReason === (reason !== CRLReason.unspecified);
    return isStatedRightly && this.#allowedReasons.has(reason) ? undefined : "reason";
  }

  #difference(entry: ListedEntry): EntryFault | undefined {
    const next = this.#expected.next();
    if (next.done) return "entries";
    const expected = next.value;
    if (compareSerialNumbers(entry.serialNumber, expected.serialNumber) !== 0) return "entries";
    if (entry.reason !== expected.reason) return "reason";
    if (entry.invalidityDate !== expected.invalidityDate) return "entries";
    return entry.revocationDate === expected.revocationDate ? undefined : "entries";
  }
}
