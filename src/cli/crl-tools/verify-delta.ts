import { isDelta } from "../../crl/crl-flaws.ts";
import type { EntryTable } from "../../crl/entry-table.ts";
import type { Flaw } from "../../der/flaw.ts";
import { sameOctets } from "../../der/oids.ts";
import { CRLReason } from "../../x509/reason.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import { entriesOf, type GivenCRL, summaryOf } from "./read-crl.ts";

/** What keeps a delta CRL from being combined with this base (RFC 5280 5.2.4, 6.3.3 c). */
export function deltaFlaws(delta: GivenCRL, base: GivenCRL): Flaw[] {
  if (!isDelta(delta.crl)) {
    return [wrong("deltaCRLIndicator", "missing: it is a full CRL, which needs no base")];
  }
  if (isDelta(base.crl)) {
    return [wrong("deltaCRLIndicator", `the base ${base.file} is a delta CRL itself`)];
  }
  return [
    ...scopeFlaws(delta, base),
    ...numberFlaws(delta, base),
    ...removalFlaws(entriesOf(delta), entriesOf(base)),
  ];
}

function wrong(where: string, problem: string, rule = "RFC 5280 5.2.4"): Flaw {
  return { where, problem, rule, weight: "error" };
}

/** Extensions that have to be the same in both. */
const ALIKE = ["authorityKeyIdentifier", "issuingDistributionPoint"] as const;

function* scopeFlaws(delta: GivenCRL, base: GivenCRL): Generator<Flaw> {
  if (!sameOctets(delta.crl.issuer, base.crl.issuer)) yield wrong("issuer", "not that of the base");
  for (const name of ALIKE) {
    const [own, its] = [delta, base].map(({ extensions }) => JSON.stringify(extensions.get(name)));
    // A delta may name its own URL: what it covers has to be the same, not where it is.
    if (withoutPoint(own) !== withoutPoint(its)) yield wrong(name, "not that of the base");
  }
}

function withoutPoint(json: string | undefined): string {
  if (json === undefined) return "{}";
  const { distributionPoint: _, ...scope } = JSON.parse(json);
  return JSON.stringify(scope);
}

function* numberFlaws(delta: GivenCRL, base: GivenCRL): Generator<Flaw> {
  const [own, its] = [summaryOf(delta), summaryOf(base)];
  const [number, from, held] = [own.crlNumber, own.baseCRLNumber, its.crlNumber].map(toNumber);
  if (held === undefined) yield wrong("cRLNumber", "the base has none", "RFC 5280 5.2.3");
  if (from !== undefined && held !== undefined && held < from) {
    yield wrong("BaseCRLNumber", `${from}, and the base is the older ${held}`);
  }
  if (number !== undefined && held !== undefined && number < held) {
    yield wrong("cRLNumber", `${number} is below the base's ${held}: the base knows more`);
  }
  const [since, before] = [delta.crl.thisUpdate.at, base.crl.thisUpdate.at];
  if (since !== undefined && before !== undefined && since < before) {
    yield wrong("thisUpdate", `${own.thisUpdate} is before the base's ${its.thisUpdate}`);
  }
}

function toNumber(decimal: string | null): bigint | undefined {
  return decimal !== null && /^\d+$/.test(decimal) ? BigInt(decimal) : undefined;
}

/** removeFromCRL is for a certificate that the base lists on hold (RFC 5280 5.3.1). */
function* removalFlaws(delta: EntryTable, base: EntryTable): Generator<Flaw> {
  for (let i = 0, j = 0; i < delta.count; i++) {
    const { reason, serialNumber } = delta.at(i);
    if (reason !== CRLReason.removeFromCRL) continue;
    while (j < base.count && base.compareSerialNumbers(j, delta, i) < 0) j++;
    const isListed = j < base.count && base.compareSerialNumbers(j, delta, i) === 0;
    if (!isListed || base.at(j).reason === CRLReason.certificateHold) continue;
    const problem = `removes ${serialNumberText(serialNumber)}, which the base lists as revoked for good`;
    yield wrong("revokedCertificates", problem, "RFC 5280 5.3.1");
  }
}
