import { readCertificateFile } from "../authority/issuer-files.ts";
import type { IssuerConfig } from "../config/config.ts";
import { TokenProcesses } from "../signing/token-processes.ts";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { refuseExisting, requireFolders, writeNewFiles } from "./new-files.ts";
import { keyOfToken, newSignerKey } from "./new-signer-key.ts";
import { pemText } from "./pem.ts";
import { signerRequest } from "./signer-request.ts";

/**
 * Makes a key, or takes a token's, and writes the request for its certificate; nothing is overwritten
 * (`FileExistsError`), and no key is made where its request could not be written (`NoFolderError`).
 */
export async function makeSignerRequest(asked: {
  readonly issuer: IssuerConfig;
  /** A new file, or a URI. */
  readonly key: string;
  readonly kind: string;
  readonly commonName: string;
  readonly out: string;
}): Promise<{ readonly algorithm: SignatureAlgorithm }> {
  const { issuer, key, kind, commonName, out } = asked;
  const uri = isKeyURI(key) ? parseKeyURI(key) : undefined;
  if (uri && "problem" in uri) throw new Error(`the key ${uri.problem}; ${uri.do}`);
  const issuerName = readCertificateFile(issuer.certificate).subject;
  await requireFolders(uri ? [out] : [key, out]);
  await refuseExisting([out]);
  const tokens = new TokenProcesses(1);
  try {
    const token = tokens.of(key);
    const made = token ? await keyOfToken(key, token) : await newSignerKey(key, kind);
    const der = await signerRequest({ ...made, commonName, issuerName });
    await writeNewFiles([
      { path: out, content: pemText("CERTIFICATE REQUEST", der), holds: "public" },
    ]);
    return { algorithm: made.algorithm };
  } finally {
    await tokens.close();
  }
}
