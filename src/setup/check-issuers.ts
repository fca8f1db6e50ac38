import { type IssuerFiles, twinProblems } from "../authority/issuer-files.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { publicKeyOf } from "../signing/signer-check.ts";
import { nameText } from "../x509/name.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";

const LEAST_RSA_BITS = 2048;

/** The issuing CAs' certificates, and what reading an issuer's files brought up. */
export function checkIssuers({ issuers, clock }: Setup): Finding[] {
  const now = clock();
  const found = issuers.flatMap((issuer) => [
    ...issuer.problems.map(problem),
    ...authorityValidity(issuer, now),
    ...shortKey(issuer),
  ]);
  return [...found, ...twinProblems(issuers).map(problem)];
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
