import type { AnyEntry } from "../../crl/any-entries.ts";
import { compareSerialNumbers } from "../../crl/serial-order.ts";
import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import { CRLReason } from "../../x509/reason.ts";
import { serialNumberFromDer, serialNumberText } from "../../x509/serial-number.ts";
import type { Fields } from "./explanation.ts";
import { reasonText } from "./extension-values.ts";

/** More than any reason's number that is counted by itself. */
const REASONS = 16;
const LONGEST_SERIAL = 20;

/** What the entries of a CRL come to, whatever their number: counts, first ones, bounds. */
export class EntryTally {
  count = 0;
  /** Each serial number was above the one before it: then none is there twice. */
  ascends = true;
  /** Entries that say unspecified in so many octets. */
  unspecified = 0;
  removed = 0;
  /** Entries whose serial number no certificate may have. */
  badSerials = 0;
  readonly #first: Fields[] = [];
  readonly #most: number;
  readonly #reasons = new Array<number>(REASONS).fill(0);
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;
  #last: Uint8Array = new Uint8Array(0);

  /** `most` entries are kept to be shown. */
  constructor(most: number) {
    this.#most = most;
  }

  add(entry: AnyEntry): void {
    const { serialNumber, reason, revocationDate } = entry;
    if (this.count++ < this.#most) this.#first.push(entryFields(entry));
    const code = Math.min(reason, REASONS - 1);
    this.#reasons[code] = (this.#reasons[code] as number) + 1;
    if (entry.statesReason && reason === CRLReason.unspecified) this.unspecified++;
    if (reason === CRLReason.removeFromCRL) this.removed++;
    if (serialNumber.length > LONGEST_SERIAL || (serialNumber[0] as number) > 0x7f)
      this.badSerials++;
    if (revocationDate !== undefined) this.#span(revocationDate);
    if (this.ascends) this.#follow(serialNumber);
  }

  /** As an explanation shows them. */
  fields(): Fields {
    const reasons = this.#reasons
      .map((count, code) => [reasonText(code), count] as const)
      .filter(([, count]) => count > 0);
    const dated = this.#earliest <= this.#latest;
    return {
      count: this.count,
      reasons: Object.fromEntries(reasons),
      earliestRevocationDate: dated ? rfc3339(this.#earliest) : null,
      latestRevocationDate: dated ? rfc3339(this.#latest) : null,
      first: this.#first,
    };
  }

  #span(at: UnixSeconds): void {
    if (at < this.#earliest) this.#earliest = at;
    if (at > this.#latest) this.#latest = at;
  }

  #follow(serialNumber: Uint8Array): void {
    const one = serialNumberFromDer(this.#last);
    if (compareSerialNumbers(one, serialNumberFromDer(serialNumber)) >= 0) this.ascends = false;
    this.#last = serialNumber;
  }
}

function entryFields(entry: AnyEntry): Fields {
  const { serialNumber, revocationDate, reason, statesReason, invalidityDate } = entry;
  return {
    serialNumber: serialNumberText(serialNumber),
    revocationDate: revocationDate === undefined ? null : rfc3339(revocationDate),
    reason: statesReason ? reasonText(reason) : null,
    ...(invalidityDate === undefined ? {} : { invalidityDate: rfc3339(invalidityDate) }),
  };
}
