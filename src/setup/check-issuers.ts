import type { IssuerFiles } from "../authority/issuer-files.ts";
import { sameOctets } from "../der/oids.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { algorithmOf, publicKeyOf } from "../signing/signer-check.ts";
import { nameText } from "../x509/name.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";

const LEAST_RSA_BITS = 2048;

/** The issuing CAs' certificates, and what reading an issuer's files brought up. */
export function checkIssuers({ issuers, clock }: Setup): Finding[] {
  const now = clock();
  return issuers.flatMap((issuer, i) => [
    ...issuer.problems.map(problem),
    ...sameAuthority(issuer, issuers.slice(0, i)),
    ...authorityValidity(issuer, now),
    ...shortKey(issuer),
    ...crlAlgorithm(issuer),
  ]);
}

/** Records are kept by the CA's name and key: the same CA twice would be one issuer with two policies. */
function sameAuthority(issuer: IssuerFiles, earlier: readonly IssuerFiles[]): Finding[] {
  const twin = earlier.find((other) => isSameAuthority(issuer, other));
  if (!twin) return [];
  return [
    problem({
      where: `issuer ${issuer.config.name}`,
      problem: `is the same CA (name and key) as issuer ${twin.config.name}`,
      do: "remove one of the two, and give the other all the paths that are needed",
    }),
  ];
}

function isSameAuthority(
  { certificate: a }: IssuerFiles,
  { certificate: b }: IssuerFiles,
): boolean {
  if (!a || !b) return false;
  return sameOctets(a.subject, b.subject) && sameOctets(a.subjectPublicKey, b.subjectPublicKey);
}

function authorityValidity({ config, certificate }: IssuerFiles, now: UnixSeconds): Finding[] {
  if (!certificate || (certificate.notBefore <= now && now < certificate.notAfter)) return [];
  const isOver = now >= certificate.notAfter;
  const { subject, notBefore, notAfter } = certificate;
  const when = isOver
    ? `expired on ${rfc3339(notAfter)}`
    : `is not valid before ${rfc3339(notBefore)}`;
  return [
    warning({
      where: `issuer ${config.name}, certificate ${config.certificate}`,
      problem: `the CA "${nameText(subject)}" ${when}`,
      do: isOver
        ? "name the CA's renewed certificate, or keep this only to answer for what it issued"
        : "check this machine's clock",
    }),
  ];
}

function shortKey({ config, certificate }: IssuerFiles): Finding[] {
  const bits = certificate && publicKeyOf(certificate).asymmetricKeyDetails?.modulusLength;
  if (bits === undefined || bits >= LEAST_RSA_BITS) return [];
  return [
    warning({
      where: `issuer ${config.name}, certificate ${config.certificate}`,
      problem: `the CA's RSA key has ${bits} bits, and ${LEAST_RSA_BITS} are the least that is safe`,
      do: "plan to replace this CA",
    }),
  ];
}

function crlAlgorithm({ config, crlSigner }: IssuerFiles): Finding[] {
  if (!crlSigner || algorithmOf(crlSigner.certificate)) return [];
  return [
    problem({
      where: `issuer ${config.name}, crl.signer`,
      problem:
        "the CA's key is neither ECDSA P-256 nor RSA of 2048 bits or more, so no CRL is made",
      do: "remove the crl section: such a CA cannot sign CRLs here yet",
    }),
  ];
}
