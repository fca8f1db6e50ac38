import { readCertificateFile } from "../authority/issuer-files.ts";
import type { IssuerConfig } from "../config/config.ts";
import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { refuseExisting, writeNewFiles } from "./new-files.ts";
import { newSignerKey } from "./new-signer-key.ts";
import { pemText } from "./pem.ts";
import { signerRequest } from "./signer-request.ts";

/** Makes a key, or takes a token's, and writes the request for its certificate; nothing is overwritten. */
export async function makeSignerRequest(asked: {
  readonly issuer: IssuerConfig;
  /** A new file, or a URI. */
  readonly key: string;
  readonly kind: string;
  readonly commonName: string;
  readonly out: string;
}): Promise<{ readonly algorithm: SignatureAlgorithm }> {
  const { issuer, key, kind, commonName, out } = asked;
  const issuerName = readCertificateFile(issuer.certificate).subject;
  await refuseExisting([out]);
  const made = await newSignerKey(key, kind);
  const der = signerRequest({ ...made, commonName, issuerName });
  await writeNewFiles([
    { path: out, content: pemText("CERTIFICATE REQUEST", der), holds: "public" },
  ]);
  return { algorithm: made.algorithm };
}
