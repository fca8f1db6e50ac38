import type { KeyObject } from "node:crypto";
import type { Flaw } from "../../der/flaw.ts";
import { sameOctets } from "../../der/oids.ts";
import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { type Signed, verifySignature } from "../../x509/certificate-signature.ts";
import { keyUsage, subjectKeyIdentifier } from "../../x509/extensions.ts";
import { nameText } from "../../x509/name.ts";
import { sameName } from "../../x509/same-name.ts";
import { explainCRL } from "../explain/explain-crl.ts";
import type { Fields } from "../explain/explanation.ts";
import { algorithmName } from "../explain/names.ts";
import type { GivenCRL } from "./read-crl.ts";

/** Who should have issued a CRL, and when it should be in force. */
export interface Expected {
  readonly issuer: Certificate;
  /** The issuer's; nothing where it is of a kind that is not known here. */
  readonly key: KeyObject | undefined;
  readonly at: UnixSeconds;
}

/** Clocks may differ by so much. */
const SKEW_SECONDS = 300;

/** All that keeps a CRL from being relied on, and what else is to be said of it (RFC 5280 5, 6.3.3). */
export function verifyCRL(given: GivenCRL, expected: Expected): Flaw[] {
  return [
    ...issuerFlaws(given, expected),
    ...signatureFlaws(given, expected),
    ...timeFlaws(given, expected),
    ...pointFlaws(given),
    ...explainCRL(given.der, 0).flaws.map(asRelyingParty),
  ];
}

/** What relying parties accept none the less keeps nobody from relying on it. */
function asRelyingParty(flaw: Flaw): Flaw {
  return flaw.weight === "lapse" ? { ...flaw, weight: "advice" } : flaw;
}

function wrong(where: string, problem: string, rule: string): Flaw {
  return { where, problem, rule, weight: "error" };
}

function* issuerFlaws({ crl, extensions }: GivenCRL, { issuer }: Expected): Generator<Flaw> {
  const named = nameText(crl.issuer);
  if (!sameName(crl.issuer, issuer.subject)) {
    const problem = `"${named}", and the CA is "${nameText(issuer.subject)}"`;
    yield wrong("issuer", problem, "RFC 5280 5.1.2.3");
  } else if (!sameOctets(crl.issuer, issuer.subject)) {
    const problem = `"${named}" in other octets than the CA's subject: who compares octets refuses it`;
    yield { ...wrong("issuer", problem, "RFC 5280 7.1"), weight: "advice" };
  }
  const usages = keyUsage(issuer);
  if (usages && !usages.has("cRLSign")) {
    const problem = "the CA's certificate does not allow cRLSign";
    yield wrong("issuer", problem, "RFC 5280 4.2.1.3");
  }
  const { keyIdentifier } = (extensions.get("authorityKeyIdentifier") ?? {}) as Fields;
  const own = subjectKeyIdentifier(issuer);
  const key = own && Buffer.from(own).toString("hex");
  if (keyIdentifier !== undefined && key !== undefined && keyIdentifier !== key) {
    const problem = `${keyIdentifier}, and the CA's key is ${key}`;
    yield wrong("authorityKeyIdentifier", problem, "RFC 5280 5.2.1");
  }
}

function* signatureFlaws({ crl }: GivenCRL, { key }: Expected): Generator<Flaw> {
  const signed: Signed = {
    tbs: crl.tbsCertList,
    signatureAlgorithm: crl.signatureAlgorithm.der,
    signature: crl.signatureValue,
  };
  const verdict = key ? verifySignature(signed, key) : "unknownAlgorithm";
  if (verdict === "verified") return;
  const problem =
    verdict === "notVerified"
      ? "the CA's key did not make it, or something was changed since"
      : `${algorithmName(crl.signatureAlgorithm)} cannot be verified here`;
  yield wrong("signatureValue", problem, "RFC 5280 5.1.1.3");
}

function* timeFlaws({ crl }: GivenCRL, { issuer, at }: Expected): Generator<Flaw> {
  const [from, to] = [crl.thisUpdate.at, crl.nextUpdate?.at];
  if (from !== undefined && from > at + SKEW_SECONDS) {
    const problem = `${rfc3339(from)} is still to come at ${rfc3339(at)}`;
    yield wrong("thisUpdate", problem, "RFC 5280 5.1.2.4");
  }
  if (to !== undefined && to <= at) {
    const problem = `it ran out on ${rfc3339(to)}, before ${rfc3339(at)}`;
    yield wrong("nextUpdate", problem, "RFC 5280 6.3.3");
  }
  if (issuer.notAfter < at || issuer.notBefore > at + SKEW_SECONDS) {
    const validity = `${rfc3339(issuer.notBefore)} to ${rfc3339(issuer.notAfter)}`;
    const problem = `the CA's certificate is valid from ${validity}, and not at ${rfc3339(at)}`;
    yield { ...wrong("issuer", problem, "RFC 5280 6.1.3"), weight: "advice" };
  }
}

/** A CRL from a URL that names others only was put there by mistake: relying parties refuse it. */
function* pointFlaws({ file, extensions }: GivenCRL): Generator<Flaw> {
  const { distributionPoint } = (extensions.get("issuingDistributionPoint") ?? {}) as Fields;
  if (!/^http:\/\//i.test(file) || distributionPoint === undefined) return;
  if (JSON.stringify(distributionPoint).includes(JSON.stringify(`URI:${file}`))) return;
  const problem = `${JSON.stringify(distributionPoint)}, and it was got from ${file}`;
  yield wrong("issuingDistributionPoint", problem, "RFC 5280 5.2.5");
}
