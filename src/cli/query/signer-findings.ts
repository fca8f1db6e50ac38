import { sameOctets } from "../../der/oids.ts";
import { DerError } from "../../der/reader.ts";
import { rfc3339 } from "../../der/time.ts";
import type { BasicOCSPResponse, ResponderID } from "../../ocsp/any-response.ts";
import { type Certificate, keyHash, readCertificate } from "../../x509/certificate.ts";
import { type SignatureVerdict, verifySignature } from "../../x509/certificate-signature.ts";
import { nameText } from "../../x509/name.ts";
import { publicKeyOf } from "../../x509/public-key.ts";
import { delegateFindings } from "./delegate-findings.ts";
import { advice, type Finding, wrong } from "./finding.ts";
import { strengthFindings } from "./strength-findings.ts";
import type { Clock } from "./time-findings.ts";

/** Who signed an answer. */
export interface FoundSigner {
  readonly certificate: Certificate;
  /** The CA's own key, or one that it delegated to (RFC 6960 4.2.2.2). */
  readonly by: "ca" | "delegate";
}

/** What is found about a signer. */
export interface SignerVerdict {
  readonly signer: FoundSigner | undefined;
  readonly findings: readonly Finding[];
}

/** Finds who signed, whether the signature is theirs, and whether the CA lets them (RFC 6960 4.2.2.2). */
export function judgeSigner(
  basic: BasicOCSPResponse,
  issuer: Certificate,
  clock: Clock,
): SignerVerdict {
  const { certificates, findings } = readCerts(basic.certs ?? []);
  const candidates = [issuer, ...certificates];
  const named = candidates.filter((one) => isNamed(one, basic.responderID));
  const certificate = named.find((one) => isSignedBy(basic, one)) ?? named[0];
  if (!certificate) {
    return { signer: undefined, findings: [...findings, notCarried(basic, candidates)] };
  }
  const isCA = sameOctets(certificate.subjectPublicKey, issuer.subjectPublicKey);
  const signer: FoundSigner = { certificate, by: isCA ? "ca" : "delegate" };
  return {
    signer,
    findings: [
      ...findings,
      ...signatureFindings(basic, certificate, candidates),
      ...(isCA
        ? caFindings(issuer, clock)
        : delegateFindings({ certificate, issuer, basic, clock })),
      ...strengthFindings(basic, signer),
    ],
  };
}

function readCerts(certs: readonly Uint8Array[]): {
  certificates: Certificate[];
  findings: Finding[];
} {
  const certificates: Certificate[] = [];
  const findings: Finding[] = [];
  for (const [i, der] of certs.entries()) {
    try {
      certificates.push(readCertificate(der));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      const problem = `certs[${i}] cannot be read as a certificate: ${error.message}`;
      findings.push(wrong(problem, "have the responder send its signer's certificate as issued"));
    }
  }
  return { certificates, findings };
}

function isNamed(certificate: Certificate, responderID: ResponderID): boolean {
  if ("byName" in responderID) return sameOctets(responderID.byName, certificate.subject);
  return sameOctets(responderID.byKey, keyHash(certificate, "sha1"));
}

function notCarried(basic: BasicOCSPResponse, candidates: readonly Certificate[]): Finding {
  const named = responderText(basic.responderID);
  const signedBy = candidates.find((one) => isSignedBy(basic, one));
  if (signedBy) {
    return wrong(
      `responderID names ${named}, yet "${nameText(signedBy.subject)}" signed the answer`,
      "have the responder name the signer whose certificate it sends",
    );
  }
  return wrong(
    `the answer was signed by ${named}, whose certificate is neither in the answer nor --issuer`,
    "have the responder send its signer's certificate (RFC 6960 4.2.2.2), or give the CA that issued the certificate with --issuer",
  );
}

/** The signer as the answer names it. */
function responderText(responderID: ResponderID): string {
  if ("byName" in responderID) return `"${nameText(responderID.byName)}"`;
  return `the key with SHA-1 ${Buffer.from(responderID.byKey).toString("hex")}`;
}

function* signatureFindings(
  basic: BasicOCSPResponse,
  signer: Certificate,
  candidates: readonly Certificate[],
): Generator<Finding> {
  const verdict = verdictOn(basic, signer);
  if (verdict === "verified") return;
  if (verdict === "unknownAlgorithm") {
    const problem = `the signature algorithm ${basic.signatureAlgorithm.oid} is not known here`;
    yield wrong(problem, "have the responder sign with an algorithm that its clients know");
    return;
  }
  const other = candidates.find((one) => isSignedBy(basic, one));
  yield other
    ? wrong(
        `"${nameText(other.subject)}" made the signature, not "${nameText(signer.subject)}" whom responderID names`,
        "have the responder's key and certificate matched",
      )
    : wrong(
        `the signature does not verify with the key of "${nameText(signer.subject)}": the answer was changed on its way, or the responder signs with a key that is not its certificate's`,
        "ask again by another way; if it stays, have the responder's key and certificate compared",
      );
}

function isSignedBy(basic: BasicOCSPResponse, certificate: Certificate): boolean {
  return verdictOn(basic, certificate) === "verified";
}

function verdictOn(basic: BasicOCSPResponse, certificate: Certificate): SignatureVerdict {
  const { tbsResponseData: tbs, signatureAlgorithm, signature } = basic;
  const key = publicKeyOf(certificate);
  if (!key) return "notVerified";
  try {
    return verifySignature({ tbs, signatureAlgorithm: signatureAlgorithm.der, signature }, key);
  } catch (error) {
    if (error instanceof DerError) return "unknownAlgorithm";
    throw error;
  }
}

function* caFindings(issuer: Certificate, { now }: Clock): Generator<Finding> {
  if (now <= issuer.notAfter) return;
  const problem = `the CA's certificate expired on ${rfc3339(issuer.notAfter)}`;
  yield advice(problem, "see whether the CA has a newer one, and give that with --issuer");
}
