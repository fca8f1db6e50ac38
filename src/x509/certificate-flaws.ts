import type { Flaw } from "../der/flaw.ts";
import { OIDS, oidText, sameOctets } from "../der/oids.ts";
import { algorithmFlaws } from "./algorithm-flaws.ts";
import type { AnyCertificate } from "./any-certificate.ts";
import { KNOWN_EXTENSIONS } from "./known-extensions.ts";

const LONGEST_SERIAL = 20;
const EMPTY_NAME = 2;
const SUBJECT_ALT_NAME = "2.5.29.17";
const AUTHORITY_KEY_IDENTIFIER = oidText(OIDS.authorityKeyIdentifier);

/** All that a certificate has against RFC 5280 that can be told without a clock and its issuer. */
export function* certificateFlaws(certificate: AnyCertificate): Generator<Flaw> {
  yield* serialFlaws(certificate.serialNumber);
  yield* fieldFlaws(certificate);
  yield* nameFlaws(certificate);
  for (const { oid, isCritical } of certificate.extensions) {
    if (!isCritical || KNOWN_EXTENSIONS.has(oid)) continue;
    const problem = `${oid} is critical and not known here: who does not know it must refuse`;
    yield flaw("error", "extensions", problem, "RFC 5280 4.2");
  }
  yield* algorithmFlaws(certificate.signatureAlgorithm, "signatureAlgorithm");
}

function flaw(weight: Flaw["weight"], where: string, problem: string, rule: string): Flaw {
  return { where, problem, rule, weight };
}

function* serialFlaws(serialNumber: Uint8Array): Generator<Flaw> {
  const rule = "RFC 5280 4.1.2.2";
  const { length } = serialNumber;
  if ((serialNumber[0] ?? 0) > 0x7f) yield flaw("error", "serialNumber", "negative", rule);
  else if (length > LONGEST_SERIAL) {
    yield flaw("error", "serialNumber", `of ${length} octets, more than 20`, rule);
  } else if (serialNumber.every((octet) => octet === 0)) {
    yield flaw("error", "serialNumber", "zero", rule);
  }
}

function* fieldFlaws(certificate: AnyCertificate): Generator<Flaw> {
  const { version, extensions } = certificate;
  if (version < 3 && extensions.length > 0) {
    yield flaw("error", "version", `v${version} with extensions, which v3 has`, "RFC 5280 4.1.2.1");
  }
  if (!sameOctets(certificate.signature.der, certificate.signatureAlgorithm.der)) {
    const problem = "differs from the algorithm in what is signed";
    yield flaw("error", "signatureAlgorithm", problem, "RFC 5280 4.1.1.2");
  }
  if ((certificate.notBefore.at ?? 0) > (certificate.notAfter.at ?? Number.POSITIVE_INFINITY)) {
    yield flaw("error", "notAfter", "before notBefore", "RFC 5280 4.1.2.5");
  }
}

function* nameFlaws({ issuer, subject, extensions }: AnyCertificate): Generator<Flaw> {
  if (issuer.length <= EMPTY_NAME) {
    yield flaw("error", "issuer", "an empty name", "RFC 5280 4.1.2.4");
  }
  const has = (oid: string): boolean => extensions.some((extension) => extension.oid === oid);
  if (subject.length <= EMPTY_NAME && !has(SUBJECT_ALT_NAME)) {
    yield flaw("error", "subject", "an empty name, without subjectAltName", "RFC 5280 4.1.2.6");
  }
  if (!sameOctets(issuer, subject) && !has(AUTHORITY_KEY_IDENTIFIER)) {
    const problem = "authorityKeyIdentifier is missing";
    yield flaw("advice", "extensions", problem, "RFC 5280 4.2.1.1");
  }
}
