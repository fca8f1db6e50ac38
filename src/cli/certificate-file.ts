import { readFile } from "node:fs/promises";
import { certificatesIn } from "../authority/import/certificate-files.ts";
import { isWrong } from "../authority/import/parsed.ts";
import type { Config, IssuerConfig } from "../config/config.ts";
import { sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { verifySignature } from "../x509/certificate-signature.ts";
import { publicKeyOf } from "../x509/public-key.ts";
import { issuerNames } from "./configuration.ts";
import { Failure } from "./failure.ts";

/** The one certificate in a file, PEM or DER; `remedy` says what to do when there is none. */
export async function readCertificateFile(file: string, remedy: string): Promise<Certificate> {
  const octets = await readFile(file).catch((error: Error) => {
    throw new Failure("badFile", `cannot read ${file}: ${error.message}`, remedy);
  });
  const [first, ...others] = [...certificatesIn(octets)];
  if (!first || others.length > 0) {
    const count = others.length + 1;
    throw new Failure("badFile", `${file} holds ${count} certificates, not one`, remedy);
  }
  if (isWrong(first.content)) {
    throw new Failure("badFile", `${file}:${first.line}: ${first.content.wrong}`, remedy);
  }
  const { der } = first.content;
  return decoding(file, remedy, () => readCertificate(der));
}

/** An issuer's own certificate. */
export function readIssuerCertificate(issuer: IssuerConfig): Promise<Certificate> {
  return readCertificateFile(issuer.certificate, `mend "certificate" of the issuer ${issuer.name}`);
}

/** The configured issuer whose name the certificate gives, and whose key signed it. */
export async function issuerOf(
  file: string,
  certificate: Certificate,
  config: Config,
): Promise<IssuerConfig> {
  const found: IssuerConfig[] = [];
  for (const issuer of config.issuers) {
    if (await isOfIssuer(certificate, issuer)) found.push(issuer);
  }
  const [issuer, other] = found;
  if (issuer && !other) return issuer;
  if (!issuer) {
    const remedy = `give a certificate of one of them: ${issuerNames(config)}`;
    throw new Failure("unknownIssuer", `${file} was issued by no configured issuer`, remedy);
  }
  const names = found.map(({ name }) => name).join(" and ");
  throw new Failure(
    "unknownIssuer",
    `${file} may be of ${names}: they have the same name, and its signature is of no known kind`,
    "name the ISSUER before it",
  );
}

/** Whether this issuer's name is in the certificate, and its key signed it. */
export async function isOfIssuer(certificate: Certificate, issuer: IssuerConfig): Promise<boolean> {
  return isIssuedBy(certificate, await readIssuerCertificate(issuer));
}

/**
 * Whether this CA's name is in the certificate, and its key signed it, as far as that can be told: CAs that
 * changed their key have certificates of one name, and may give them one serial number.
 */
export function isIssuedBy(certificate: Certificate, ca: Certificate): boolean {
  if (!sameOctets(certificate.issuer, ca.subject)) return false;
  const key = publicKeyOf(ca);
  return key === undefined || verifySignature(certificate, key) !== "notVerified";
}

/** Says in which file the DER is bad. */
function decoding<Decoded>(file: string, remedy: string, decode: () => Decoded): Decoded {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new Failure("badFile", `${file}: ${error.message}`, remedy);
  }
}
