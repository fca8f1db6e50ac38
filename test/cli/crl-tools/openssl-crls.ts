import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePki, type Pki } from "../../support/openssl-pki.ts";
import { mustRun } from "../../support/run-program.ts";

/** A CA whose CRLs `openssl ca` makes. */
export interface OpensslCRLs {
  readonly pki: Pki;
  /** Makes a CRL with these lines of extensions, or none, and gives its file (PEM). */
  issue(name: string, extensions?: readonly string[], args?: readonly string[]): string;
  /** Revokes the leaf at this index of the PKI's. */
  revoke(leaf: number, reason: string): void;
  /** The file's DER under another name. */
  asDER(file: string): string;
}

export const KEY_ID = "authorityKeyIdentifier = keyid";

/** CRLNumber as an extension of its own: `openssl ca` counts by itself only. */
export function numbered(number: number): string {
  return `2.5.29.20 = ASN1:INTEGER:${number}`;
}

/** deltaCRLIndicator. */
export function deltaOf(base: number): string {
  return `2.5.29.27 = critical,ASN1:INTEGER:${base}`;
}

/** Makes a CA with six leaves. */
export function opensslCRLs(name: string): OpensslCRLs {
  const pki = makePki({ algorithm: "ec", leaves: 6, name });
  const openssl = (...args: string[]): string => mustRun("openssl", args, pki.folder);
  const ca = ["-cert", "ca.pem", "-keyfile", "ca.key"];
  return {
    pki,
    issue: (file, extensions = [], args = []) => {
      const config = readFileSync(join(pki.folder, "openssl.cnf"), "utf8");
      const section = extensions.length > 0 ? `[crl]\n${extensions.join("\n")}\n` : "";
      writeFileSync(join(pki.folder, "crl.cnf"), `${config}${section}`);
      const wanted = extensions.length > 0 ? ["-crlexts", "crl"] : [];
      openssl("ca", "-config", "crl.cnf", ...ca, "-gencrl", ...wanted, ...args, "-out", file);
      return join(pki.folder, file);
    },
    revoke: (leaf, reason) => {
      const certificate = pki.leaves[leaf];
      if (certificate) pki.revokeInIndex(certificate, ["-crl_reason", reason]);
    },
    asDER: (file) => {
      openssl("crl", "-in", file, "-outform", "DER", "-out", `${file}.der`);
      return `${file}.der`;
    },
  };
}
