import type { IssuerConfig, Problem, SignerConfig } from "../config/config.ts";
import { sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import type { UnixSeconds } from "../der/time.ts";
import {
  keyProblem,
  type SignerProblem,
  signerProblems,
  validityProblem,
} from "../signing/signer-check.ts";
import { readSmallFile } from "../signing/small-file.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { isCA, keyUsage } from "../x509/extensions.ts";
import { nameText } from "../x509/name.ts";
import { pemBlocks } from "../x509/pem.ts";
import { SIGNING_KEYS } from "../x509/signature-algorithm.ts";

/** A signer as configured, with its certificate read. */
export interface SignerFile {
  readonly certificate: Certificate;
  readonly keyFile: string;
}

/** A signer as configured that must not sign, whatever the time; its certificate may be unreadable. */
export interface RefusedSigner {
  readonly certificateFile: string;
  readonly certificate: Certificate | undefined;
  /** All that is wrong with it. */
  readonly problem: string;
}

/** What an issuer's files hold: all that could be read, and all that is wrong with the rest. */
export interface IssuerFiles {
  readonly config: IssuerConfig;
  /** Nothing where it cannot be read or is no CA's: then the issuer cannot be served. */
  readonly certificate: Certificate | undefined;
  /** Those that may sign, now or in their time. */
  readonly signers: readonly PlacedSigner[];
  readonly refusedSigners: readonly RefusedSigner[];
  readonly crlSigner: SignerFile | undefined;
  readonly problems: readonly Problem[];
}

/** Reads and checks the certificates of an issuer and its signers; keys are looked at elsewhere. */
export function readIssuerFiles(config: IssuerConfig, now: UnixSeconds): IssuerFiles {
  const where = `issuer ${config.name}`;
  const problems: Problem[] = [];
  const certificate = readOne(config.certificate, where, problems);
  const nobody = { signers: [], refusedSigners: [], crlSigner: undefined };
  if (!certificate) return { config, certificate, ...nobody, problems };
  problems.push(...issuerProblems(certificate, config));
  const read = config.ocsp.signers.map((signer) => readSigner(config, signer, certificate));
  problems.push(...read.flatMap((one) => one.problems));
  const signers = read.flatMap(({ signer }) => signer ?? []);
  problems.push(...noneValidNow(signers, now));
  const crlSigner =
    config.crl?.signer && readCRLSigner(config.crl.signer, certificate, where, problems);
  const refusedSigners = read.flatMap(({ refused }) => refused ?? []);
  return { config, certificate, signers, refusedSigners, crlSigner, problems };
}

/** Records are kept by a CA's name and key: the same CA twice would be one issuer with two policies. */
export function twinProblems(issuers: readonly IssuerFiles[]): Problem[] {
  return issuers.flatMap((issuer, i) => {
    const twin = issuers.slice(0, i).find((earlier) => isSameAuthority(issuer, earlier));
    if (!twin) return [];
    const where = `issuer ${issuer.config.name}`;
    const problem = `is the same CA (name and key) as issuer ${twin.config.name}`;
    const remedy = "remove one of the two, and give the other all the paths that are needed";
    return [{ where, problem, do: remedy }];
  });
}

function isSameAuthority(
  { certificate: a }: IssuerFiles,
  { certificate: b }: IssuerFiles,
): boolean {
  if (!a || !b) return false;
  return sameOctets(a.subject, b.subject) && sameOctets(a.subjectPublicKey, b.subjectPublicKey);
}

/** One certificate from a PEM or DER file; throws with words for the operator. */
export function readCertificateFile(file: string): Certificate {
  const octets = readSmallFile(file);
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
  const where = config.certificate;
  const found = withoutBadDer(where, () => {
    if (isCA(certificate)) return [];
    const problem = `"${nameText(certificate.subject)}" is not a CA certificate (basicConstraints)`;
    return [{ problem, do: "name the certificate of the issuing CA itself" }];
  });
  return found.map((problem) => ({ where, ...problem }));
}

/** A signer as it is read, with its place for problems. */
interface PlacedSigner extends SignerFile {
  readonly where: string;
}

interface ReadSigner {
  readonly signer?: PlacedSigner;
  readonly refused?: RefusedSigner;
  readonly problems: readonly Problem[];
}

function readSigner(config: IssuerConfig, signer: SignerConfig, issuer: Certificate): ReadSigner {
  const where = `issuer ${config.name}, signer ${signer.certificate}`;
  const problems: Problem[] = [];
  const certificate = readOne(signer.certificate, where, problems);
  const found = certificate && withoutBadDer(where, () => signerProblems(certificate, issuer));
  problems.push(...(found ?? []).map((problem) => ({ where, ...problem })));
  if (certificate && problems.length === 0) {
    return { signer: { certificate, keyFile: signer.key, where }, problems };
  }
  const problem = problems.map((one) => one.problem).join("; ");
  return { refused: { certificateFile: signer.certificate, certificate, problem }, problems };
}

/** A signer that waits for its time, or outlived it beside its successor, is no problem. */
export function noneValidNow(signers: readonly PlacedSigner[], now: UnixSeconds): Problem[] {
  const problems = signers.map(({ certificate, where }) => {
    const problem = validityProblem(certificate, now);
    return problem && { where, ...problem };
  });
  return problems.includes(undefined) ? [] : problems.flatMap((problem) => problem ?? []);
}

/** What a check finds; an extension that is not DER is found, too. */
function withoutBadDer(where: string, check: () => SignerProblem[]): SignerProblem[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const problem = `the certificate of ${where} is damaged: ${error.message}`;
    return [{ problem, do: "have the CA issue it anew" }];
  }
}

function readCRLSigner(
  signer: SignerConfig,
  issuer: Certificate,
  where: string,
  problems: Problem[],
): SignerFile | undefined {
  const certificate = readOne(signer.certificate, `${where}, crl.signer`, problems);
  if (!certificate) return undefined;
  const found = withoutBadDer(where, () => crlSignerProblems(certificate, issuer));
  problems.push(...found.map((problem) => ({ where: `${where}, crl.signer`, ...problem })));
  return found.length === 0 ? { certificate, keyFile: signer.key } : undefined;
}

function crlSignerProblems(signer: Certificate, issuer: Certificate): SignerProblem[] {
  const found: SignerProblem[] = [];
  if (!sameOctets(signer.subjectPublicKey, issuer.subjectPublicKey)) {
    found.push({
      problem: `"${nameText(signer.subject)}" has another key than the CA`,
      do: "sign CRLs with the CA's own key (indirect CRLs are not made)",
    });
  }
  if (keyUsage(signer)?.has("cRLSign") === false) {
    found.push({
      problem: "its keyUsage lacks cRLSign (RFC 5280 4.2.1.3)",
      do: "have the CA's certificate issued with cRLSign",
    });
  }
  const noKey = keyProblem(signer);
  if (noKey) found.push({ ...noKey, do: `CRLs are signed with ${SIGNING_KEYS}` });
  return found;
}
