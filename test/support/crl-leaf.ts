import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AiaLeaf } from "./aia-leaf.ts";
import type { Pki } from "./openssl-pki.ts";
import { mustRun } from "./run-program.ts";

/** Where a certificate says that its CA's CRLs are. */
export interface CRLPointers {
  readonly crl: string;
  /** freshestCRL (RFC 5280 4.2.1.15). */
  readonly delta?: string;
}

let made = 0;

/**
 * A certificate with this serial number that names its CRLs in crlDistributionPoints (RFC 5280 4.2.1.13), for TLS
 * servers and TLS clients. The CA's register does not come to know of it.
 */
export function makeCrlLeaf(pki: Pki, serialNumber: string, { crl, delta }: CRLPointers): AiaLeaf {
  made += 1;
  const at = (end: string): string => join(pki.folder, `crl-${made}.${end}`);
  writeFileSync(
    at("cnf"),
    `basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:${crl}
${delta === undefined ? "" : `freshestCRL = URI:${delta}`}
`,
  );
  const subject = ["-key", "leaf.key", "-subj", "/C=VN/CN=localhost", "-config", "openssl.cnf"];
  mustRun("openssl", ["req", "-new", ...subject, "-out", at("csr")], pki.folder);
  const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", `0x${serialNumber}`];
  const args = ["-req", "-in", at("csr"), ...ca, "-extfile", at("cnf"), "-days", "30", "-sha256"];
  mustRun("openssl", ["x509", ...args, "-out", at("pem")], pki.folder);
  mustRun("sh", ["-c", `cat ${at("pem")} ca.pem > ${at("chain")}`], pki.folder);
  return { certificate: at("pem"), key: join(pki.folder, "leaf.key"), chain: at("chain") };
}
