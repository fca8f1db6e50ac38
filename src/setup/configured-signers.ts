import { type IssuerFiles, readCertificateFile } from "../authority/issuer-files.ts";
import type { SignerConfig } from "../config/config.ts";
import type { Certificate } from "../x509/certificate.ts";

/** A signer as the configuration has it, sound or not. */
export interface ConfiguredSigner {
  /** As problems of its certificate are placed. */
  readonly where: string;
  /** The key of the configuration that names it. */
  readonly role: "ocsp.signers" | "crl.signer";
  readonly keyFile: string;
  /** Nothing where it cannot be read. */
  readonly certificate: Certificate | undefined;
}

/** All signers of an issuer, those of OCSP answers first. */
export function configuredSigners({ config }: IssuerFiles): ConfiguredSigner[] {
  const where = `issuer ${config.name}`;
  const signers = config.ocsp.signers.map((signer) =>
    configured(signer, "ocsp.signers", `${where}, signer ${signer.certificate}`),
  );
  const crlSigner = config.crl?.signer;
  if (!crlSigner) return signers;
  return [...signers, configured(crlSigner, "crl.signer", `${where}, crl.signer`)];
}

function configured(
  { certificate, key }: SignerConfig,
  role: ConfiguredSigner["role"],
  where: string,
): ConfiguredSigner {
  return { where, role, keyFile: key, certificate: readable(certificate) };
}

function readable(file: string): Certificate | undefined {
  try {
    return readCertificateFile(file);
  } catch {
    // Reading the issuer's files says why.
    return undefined;
  }
}
