import type { IssuerFiles } from "../authority/issuer-files.ts";
import { durationText } from "../config/duration.ts";
import { OIDS, sameOctets } from "../der/oids.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { isDirectSigner, validityProblem } from "../signing/signer-check.ts";
import type { Certificate } from "../x509/certificate.ts";
import { signatureOid } from "../x509/certificate-signature.ts";
import { type ConfiguredSigner, configuredSigners } from "./configured-signers.ts";
import { type Finding, problem, type Setup, warning } from "./finding.ts";
import type { ProbedKeys } from "./probed-keys.ts";

const DAY = 86_400;
const WARN_SECONDS = 30 * DAY;

/** A signer that is an OCSP signer of its issuer, with its key. */
type UsableSigner = ConfiguredSigner & { readonly certificate: Certificate };

/** Whether each issuer has an OCSP signer that can sign now, and for how long; other checks say what ails the rest. */
export function checkSigners(setup: Setup): Finding[] {
  const { issuers, keys, clock } = setup;
  return issuers.flatMap((issuer) => {
    const { config, certificate } = issuer;
    if (!certificate) return [];
    const usable = usableSigners(issuer, keys);
    if (validSigners(issuer, setup).length === 0) return [noSigner(config.name)];
    return [
      ...lifeLeft(usable, config.ocsp.validitySeconds, clock()),
      ...signedWithSha1(usable, certificate),
    ];
  });
}

/** An issuer's signers of answers that can sign now, as far as certificates and keys tell. */
export function validSigners(
  issuer: IssuerFiles,
  { keys, clock }: Pick<Setup, "keys" | "clock">,
): UsableSigner[] {
  const now = clock();
  return usableSigners(issuer, keys).filter(
    ({ certificate }) => !validityProblem(certificate, now),
  );
}

function usableSigners(issuer: IssuerFiles, keys: ProbedKeys): UsableSigner[] {
  return configuredSigners(issuer).flatMap((signer) => {
    const { certificate, role } = signer;
    if (role !== "ocsp.signers" || !certificate || keys.faultOf(signer)) return [];
    const sound = issuer.signers.some((one) => sameOctets(one.certificate.der, certificate.der));
    return sound ? [{ ...signer, certificate }] : [];
  });
}

/** That nobody can sign an issuer's answers. */
export function noSigner(issuer: string): Finding {
  return problem({
    where: `issuer ${issuer}`,
    problem: "no OCSP signer can sign now, and answers that are signed already end at nextUpdate",
    do: "put right a signer that is named here, or issue a new one and add it to ocsp.signers",
  });
}

/** An answer that outlives its signer is refused by relying parties, so it is cut short. */
function lifeLeft(
  usable: readonly UsableSigner[],
  validitySeconds: number,
  now: UnixSeconds,
): Finding[] {
  const [last] = usable.toSorted((a, b) => b.certificate.notAfter - a.certificate.notAfter);
  const left = last && last.certificate.notAfter - now;
  if (!last || left === undefined || left >= Math.max(WARN_SECONDS, validitySeconds)) return [];
  const cut = `: answers are cut short of ocsp.validity (${durationText(validitySeconds)})`;
  return [
    warning({
      where: last.where,
      problem: `expires on ${rfc3339(last.certificate.notAfter)}, and no other OCSP signer lasts longer${left < validitySeconds ? cut : ""}`,
      do: "issue a new signer, add it to ocsp.signers, then: vouch reload",
    }),
  ];
}

/** A CA that signs directly is trusted as it stands, however its certificate is signed. */
function signedWithSha1(usable: readonly UsableSigner[], issuer: Certificate): Finding[] {
  const old = usable.filter(
    ({ certificate }) =>
      !isDirectSigner(certificate, issuer) &&
      sameOctets(signatureOid(certificate), OIDS.sha1WithRSAEncryption),
  );
  return old.map(({ where }) =>
    warning({
      where,
      problem: "its certificate is signed with SHA-1, which relying parties refuse",
      do: "have the CA issue it anew, signed with SHA-256",
    }),
  );
}
