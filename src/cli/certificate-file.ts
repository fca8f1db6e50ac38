import { readFile } from "node:fs/promises";
import { certificatesIn } from "../authority/import/certificate-files.ts";
import { isWrong } from "../authority/import/parsed.ts";
import type { Config, IssuerConfig } from "../config/config.ts";
import { sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { authorityKeyIdentifier, subjectKeyIdentifier } from "../x509/extensions.ts";
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

/** The configured issuer whose name and key identifier the certificate gives. */
export async function issuerOf(
  file: string,
  certificate: Certificate,
  config: Config,
): Promise<IssuerConfig> {
  const found: IssuerConfig[] = [];
  for (const issuer of config.issuers) {
    if (await isIssuedBy(file, certificate, issuer)) found.push(issuer);
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
    `${file} may be of ${names}: they have the same name, and no key identifier tells`,
    "name the ISSUER before it",
  );
}

/**
 * Whether this issuer's name, and its key identifier where both certificates have one, are those
 * that the certificate gives (RFC 5280 4.1.2.4, 4.2.1.1).
 */
export async function isIssuedBy(
  file: string,
  certificate: Certificate,
  issuer: IssuerConfig,
): Promise<boolean> {
  const ca = await readIssuerCertificate(issuer);
  if (!sameOctets(certificate.issuer, ca.subject)) return false;
  const named = decoding(file, OTHER_FILE, () => authorityKeyIdentifier(certificate));
  const own = decoding(issuer.certificate, OTHER_FILE, () => subjectKeyIdentifier(ca));
  return !named || !own || sameOctets(named, own);
}

const OTHER_FILE = "give the certificate as its CA issued it";

/** Says in which file the DER is bad. */
function decoding<Decoded>(file: string, remedy: string, decode: () => Decoded): Decoded {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new Failure("badFile", `${file}: ${error.message}`, remedy);
  }
}
