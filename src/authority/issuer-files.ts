import { readFileSync } from "node:fs";
import type { IssuerConfig, Problem, SignerConfig } from "../config/config.ts";
import { DerError } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import { signerProblems } from "../signing/signer-check.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { isCA, keyUsage } from "../x509/extensions.ts";
import { nameText } from "../x509/name.ts";
import { pemBlocks } from "../x509/pem.ts";

/** A signer as configured, with its certificate read. */
export interface SignerFile {
  readonly certificate: Certificate;
  readonly keyFile: string;
}

/** What an issuer's files hold: all that could be read, and all that is wrong with the rest. */
export interface IssuerFiles {
  readonly config: IssuerConfig;
  /** Nothing where it cannot be read or is no CA's: then the issuer cannot be served. */
  readonly certificate: Certificate | undefined;
  /** Those that may sign now or later. */
  readonly signers: readonly SignerFile[];
  readonly crlSigner: SignerFile | undefined;
  readonly problems: readonly Problem[];
}

/** Reads and checks the certificates of an issuer and its signers; keys are looked at elsewhere. */
export function readIssuerFiles(config: IssuerConfig, now: UnixSeconds): IssuerFiles {
  const where = `issuer ${config.name}`;
  const problems: Problem[] = [];
  const certificate = readOne(config.certificate, where, problems);
  if (!certificate) return { config, certificate, signers: [], crlSigner: undefined, problems };
  problems.push(...issuerProblems(certificate, config));
  const signers = config.ocsp.signers.flatMap((signer) =>
    readSigner(signer, certificate, `${where}, signer ${signer.certificate}`, now, problems),
  );
  const crlSigner =
    config.crl?.signer && readCRLSigner(config.crl.signer, certificate, where, problems);
  return { config, certificate, signers, crlSigner, problems };
}

/** One certificate from a PEM or DER file; throws with words for the operator. */
export function readCertificateFile(file: string): Certificate {
  const octets = readFileSync(file);
  if (octets[0] === 0x30) return readCertificate(octets);
  for (const block of pemBlocks(octets)) {
    if ("der" in block && block.label === "CERTIFICATE") return readCertificate(block.der);
  }
  throw new DerError("no certificate in it, neither PEM nor DER");
}

function readOne(file: string, where: string, problems: Problem[]): Certificate | undefined {
  try {
    return readCertificateFile(file);
  } catch (error) {
    const problem = `${file}: ${(error as Error).message}`;
    problems.push({ where, problem, do: "put the certificate there, in PEM or DER form" });
    return undefined;
  }
}

function issuerProblems(certificate: Certificate, config: IssuerConfig): Problem[] {
  if (isCA(certificate)) return [];
  const problem = `"${nameText(certificate.subject)}" is not a CA certificate (basicConstraints)`;
  return [
    { where: config.certificate, problem, do: "name the certificate of the issuing CA itself" },
  ];
}

function readSigner(
  signer: SignerConfig,
  issuer: Certificate,
  where: string,
  now: UnixSeconds,
  problems: Problem[],
): SignerFile[] {
  const certificate = readOne(signer.certificate, where, problems);
  if (!certificate) return [];
  const found = signerProblems(certificate, issuer, now);
  problems.push(...found.map((problem) => ({ where, ...problem })));
  return found.length === 0 ? [{ certificate, keyFile: signer.key }] : [];
}

function readCRLSigner(
  signer: SignerConfig,
  issuer: Certificate,
  where: string,
  problems: Problem[],
): SignerFile | undefined {
  const certificate = readOne(signer.certificate, `${where}, crl.signer`, problems);
  if (!certificate) return undefined;
  const problem = crlSignerProblem(certificate, issuer);
  if (!problem) return { certificate, keyFile: signer.key };
  problems.push({
    where: `${where}, crl.signer`,
    problem,
    do: "sign CRLs with the CA's own key (indirect CRLs are not made)",
  });
  return undefined;
}

function crlSignerProblem(signer: Certificate, issuer: Certificate): string | undefined {
  if (Buffer.compare(signer.subjectPublicKey, issuer.subjectPublicKey) !== 0) {
    return `"${nameText(signer.subject)}" has another key than the CA`;
  }
  const signs = keyUsage(signer)?.has("cRLSign") ?? true;
  return signs ? undefined : "its keyUsage lacks cRLSign (RFC 5280 4.2.1.3)";
}
