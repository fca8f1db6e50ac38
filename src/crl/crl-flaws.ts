import type { Flaw } from "../der/flaw.ts";
import { OIDS, oidText, sameOctets } from "../der/oids.ts";
import { algorithmFlaws } from "../x509/algorithm-flaws.ts";
import type { AnyExtension } from "../x509/extension-list.ts";
import type { AnyCRL } from "./any-crl.ts";

const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
const DELTA_CRL_INDICATOR = "2.5.29.27";
const FRESHEST_CRL = "2.5.29.46";
const CRL_NUMBER = oidText(OIDS.crlNumber);
const AUTHORITY_KEY_IDENTIFIER = oidText(OIDS.authorityKeyIdentifier);
const LONGEST_CRL_NUMBER = 22;
const INDIRECT = Buffer.from("8401ff", "hex");

/** Extensions of a CRL that RFC 5280 5.2 has as critical; the others there must not be. */
const CRITICAL = [ISSUING_DISTRIBUTION_POINT, DELTA_CRL_INDICATOR];
const NOT_CRITICAL = [CRL_NUMBER, AUTHORITY_KEY_IDENTIFIER, FRESHEST_CRL, "2.5.29.60"];

/** Whether a CRL is one that lists what changed since another (RFC 5280 5.2.4). */
export function isDelta({ crlExtensions }: Pick<AnyCRL, "crlExtensions">): boolean {
  return crlExtensions.some(({ oid }) => oid === DELTA_CRL_INDICATOR);
}

/** Whether entries may be of certificates of other CAs (RFC 5280 5.2.5): indirectCRL [4] is TRUE. */
export function isIndirect({ crlExtensions }: Pick<AnyCRL, "crlExtensions">): boolean {
  const point = crlExtensions.find(({ oid }) => oid === ISSUING_DISTRIBUTION_POINT);
  return point !== undefined && Buffer.from(point.value).includes(INDIRECT);
}

/** All that a CRL but for its entries has against RFC 5280 that can be told without a clock. */
export function* crlFlaws(crl: AnyCRL): Generator<Flaw> {
  yield* headFlaws(crl);
  for (const extension of crl.crlExtensions) yield* extensionFlaw(extension);
  for (const [oid, name, section] of REQUIRED) {
    if (crl.crlExtensions.some((extension) => extension.oid === oid)) continue;
    yield flaw("lapse", "crlExtensions", `${name} is missing`, `RFC 5280 ${section}`);
  }
  if (isDelta(crl) && crl.crlExtensions.some(({ oid }) => oid === FRESHEST_CRL)) {
    yield flaw("lapse", "freshestCRL", "stands in a delta CRL", "RFC 5280 5.2.6");
  }
  yield* algorithmFlaws(crl.signatureAlgorithm, "signatureAlgorithm");
}

const REQUIRED = [
  [CRL_NUMBER, "cRLNumber", "5.2.3"],
  [AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", "5.2.1"],
] as const;

function flaw(weight: Flaw["weight"], where: string, problem: string, rule: string): Flaw {
  return { where, problem, rule, weight };
}

function* headFlaws(crl: AnyCRL): Generator<Flaw> {
  const { version, crlExtensions } = crl;
  if (version !== 2) {
    const weight = version === 1 && crlExtensions.length === 0 ? "advice" : "error";
    yield flaw(weight, "version", `v${version}, where CRLs of today are v2`, "RFC 5280 5.1.2.1");
  }
  if (crl.issuer.length <= 2) yield flaw("error", "issuer", "an empty name", "RFC 5280 5.1.2.3");
  yield* timeFlaws(crl);
  if (crl.revokedCertificates?.length === 0) {
    const problem = "an empty list, which has to be left out";
    yield flaw("lapse", "revokedCertificates", problem, "RFC 5280 5.1.2.6");
  }
  if (!sameOctets(crl.signature.der, crl.signatureAlgorithm.der)) {
    const problem = "differs from the algorithm in what is signed";
    yield flaw("error", "signatureAlgorithm", problem, "RFC 5280 5.1.1.2");
  }
}

function* timeFlaws({ thisUpdate, nextUpdate }: AnyCRL): Generator<Flaw> {
  if (!nextUpdate) {
    yield flaw("error", "nextUpdate", "missing", "RFC 5280 5.1.2.5");
  } else if ((thisUpdate.at ?? 0) >= (nextUpdate.at ?? Number.POSITIVE_INFINITY)) {
    yield flaw("error", "nextUpdate", "not after thisUpdate", "RFC 5280 5.1.2.5");
  }
}

function* extensionFlaw({ oid, isCritical, value }: AnyExtension): Generator<Flaw> {
  const rule = "RFC 5280 5.2";
  if (CRITICAL.includes(oid) && !isCritical) {
    yield flaw("error", "crlExtensions", `${oid} has to be critical`, rule);
  } else if (NOT_CRITICAL.includes(oid) && isCritical) {
    yield flaw("error", "crlExtensions", `${oid} must not be critical`, rule);
  } else if (isCritical && !CRITICAL.includes(oid)) {
    const problem = `${oid} is critical and not known here: who does not know it must not use the CRL`;
    yield flaw("error", "crlExtensions", problem, rule);
  }
  if (oid === CRL_NUMBER && value.length > LONGEST_CRL_NUMBER) {
    yield flaw(
      "error",
      "cRLNumber",
      `of ${value.length - 2} octets, more than 20`,
      "RFC 5280 5.2.3",
    );
  }
  if (oid === ISSUING_DISTRIBUTION_POINT && value.length === 2) {
    yield flaw("error", "issuingDistributionPoint", "an empty one", "RFC 5280 5.2.5");
  }
}
