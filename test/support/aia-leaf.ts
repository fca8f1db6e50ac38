import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pki } from "./openssl-pki.ts";
import { mustRun } from "./run-program.ts";

/** A certificate of a test CA for localhost, and its key; `chain` has the CA's certificate after its own. */
export interface AiaLeaf {
  readonly certificate: string;
  readonly key: string;
  readonly chain: string;
}

let made = 0;

/**
 * A certificate with this serial number that names its OCSP responder in authorityInfoAccess (RFC 5280 4.2.2.1),
 * for TLS servers, TLS clients and signatures. The CA's register does not come to know of it.
 */
export function makeAiaLeaf(pki: Pki, serialNumber: string, responder: string): AiaLeaf {
  made += 1;
  const at = (end: string): string => join(pki.folder, `aia-${made}.${end}`);
  writeFileSync(
    at("cnf"),
    `basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = serverAuth, clientAuth, emailProtection
subjectAltName = DNS:localhost, IP:127.0.0.1
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:${responder}
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
