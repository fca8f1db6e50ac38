import { CertificateRevocationList, type RevokedCertificate } from "pkijs";
import { serialNumberText } from "../../src/x509/serial-number.ts";

/* What CRLs must list, told by what officers did, and what they do list, read by pkijs. */

/** A certificate of the model. */
export interface ModelCertificate {
  readonly notAfter: number;
  /** Reason by its number; nothing for good. */
  reason: number | undefined;
  /** How many full CRLs had been published when its status last changed. */
  changedAfter: number;
}

/** A CRL as pkijs reads it. */
export interface ReadCRL {
  readonly crlNumber: bigint;
  readonly baseCRLNumber: bigint | undefined;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Reason by serial number. */
  readonly entries: ReadonlyMap<string, number>;
}

const HOLD = 6;
const REMOVE = 8;

export function readCRL(der: Buffer): ReadCRL {
  const crl = CertificateRevocationList.fromBER(der);
  const number = (oid: string): bigint | undefined => {
    const value = crl.crlExtensions?.extensions.find(({ extnID }) => extnID === oid)?.parsedValue;
    return value && BigInt(`0x${Buffer.from(value.valueBlock.valueHexView).toString("hex")}`);
  };
  return {
    crlNumber: number("2.5.29.20") as bigint,
    baseCRLNumber: number("2.5.29.27"),
    thisUpdate: crl.thisUpdate.value.getTime() / 1000,
    nextUpdate: (crl.nextUpdate?.value.getTime() ?? 0) / 1000,
    entries: new Map(
      (crl.revokedCertificates ?? []).map((entry) => [serialOf(entry), reasonOf(entry)]),
    ),
  };
}

function serialOf({ userCertificate }: RevokedCertificate): string {
  return serialNumberText(userCertificate.valueBlock.valueHexView);
}

function reasonOf({ crlEntryExtensions }: RevokedCertificate): number {
  const reason = crlEntryExtensions?.extensions.find(({ extnID }) => extnID === "2.5.29.21");
  return reason?.parsedValue.valueBlock.valueDec ?? 0;
}

/** The certificates of a CA with `keepExpired: false`, and the CRLs that it has published. */
export class YearModel {
  readonly certificates: Map<string, ModelCertificate> = new Map();
  /** Full ones, oldest first. */
  readonly full: ReadCRL[] = [];
  last: { full?: ReadCRL; delta?: ReadCRL } = {};

  /** Nothing is taken as listed by a CRL that the store does not know. */
  forgets: boolean = false;

  set(name: string, reason: number | undefined): void {
    const certificate = this.certificates.get(name);
    if (!certificate) throw new Error(`no ${name}`);
    certificate.reason = reason;
    certificate.changedAfter = this.full.length;
  }

  /** What is wrong with a full CRL that was just published; it is remembered. */
  judgeFull(crl: ReadCRL): string[] {
    const previous = this.full.at(-1);
    const expected = new Map<string, number>();
    for (const [name, { reason, notAfter, changedAfter }] of this.certificates) {
      const wasListed = previous && !this.forgets && changedAfter < this.full.length;
      const mayLeave = wasListed && notAfter < previous.thisUpdate;
      if (reason !== undefined && !mayLeave) expected.set(name, reason);
    }
    const faults = [
      ...this.#orderFaults(crl, this.last.full),
      ...difference(expected, crl.entries),
    ];
    this.full.push(crl);
    this.last.full = crl;
    this.forgets = false;
    return faults;
  }

  /** The same of a delta: with its base it tells the status of every certificate that has not expired. */
  judgeDelta(crl: ReadCRL): string[] {
    const base = this.full.find(({ crlNumber }) => crlNumber === crl.baseCRLNumber);
    const faults = this.#orderFaults(crl, this.last.delta);
    this.last.delta = crl;
    if (!base) return [...faults, "a base that was never published"];
    const combined = new Map(
      [...base.entries, ...crl.entries].filter(([name]) => crl.entries.get(name) !== REMOVE),
    );
    for (const [name, { reason, notAfter }] of this.certificates) {
      const said = combined.get(name);
      const isOver = notAfter < crl.thisUpdate;
      // Of the expired a delta may tell or not; but never that one is revoked which is not.
      if (isOver ? said !== undefined && said !== reason : said !== reason) {
        faults.push(
          `delta ${crl.crlNumber}: ${name} is ${reason}, and with its base it says ${said}`,
        );
      }
    }
    return faults;
  }

  #orderFaults(crl: ReadCRL, before: ReadCRL | undefined): string[] {
    const faults: string[] = [];
    if (before && crl.crlNumber <= before.crlNumber) faults.push("its number does not rise");
    if (before && crl.thisUpdate < before.thisUpdate) faults.push("its time steps back");
    if (crl.nextUpdate <= crl.thisUpdate) faults.push("it ends before it begins");
    return faults;
  }
}

function difference(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names]
    .filter((name) => expected.get(name) !== found.get(name))
    .map((name) => `${name} should be ${expected.get(name)} and is ${found.get(name)}`);
}

/** What an officer may do with a certificate in this state. */
export function possibleReasons(reason: number | undefined): readonly (number | undefined)[] {
  if (reason === undefined) return [HOLD, 1, 4];
  return reason === HOLD ? [undefined, 1, 5] : [];
}
