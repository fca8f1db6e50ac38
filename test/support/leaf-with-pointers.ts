import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pki } from "./openssl-pki.ts";
import { mustRun } from "./run-program.ts";

/** A certificate of a test CA for localhost, and its key; `chain` has the CA's certificate after its own. */
export interface PointingLeaf {
  readonly certificate: string;
  readonly key: string;
  readonly chain: string;
}

/** Where a certificate says that its CA's CRLs are. */
export interface CRLPointers {
  readonly crl: string;
  /** freshestCRL (RFC 5280 4.2.1.15). */
  readonly delta?: string;
}

let made = 0;

/** A certificate that names its OCSP responder in authorityInfoAccess (RFC 5280 4.2.2.1). */
export function makeAiaLeaf(pki: Pki, serialNumber: string, responder: string): PointingLeaf {
  return makeLeaf(pki, serialNumber, [`authorityInfoAccess = OCSP;URI:${responder}`]);
}

/** A certificate that names its CRLs in crlDistributionPoints (RFC 5280 4.2.1.13). */
export function makeCrlLeaf(
  pki: Pki,
  serialNumber: string,
  { crl, delta }: CRLPointers,
): PointingLeaf {
  const freshest = delta === undefined ? [] : [`freshestCRL = URI:${delta}`];
  return makeLeaf(pki, serialNumber, [`crlDistributionPoints = URI:${crl}`, ...freshest]);
}

/** For TLS servers, TLS clients and signatures. The CA's register does not come to know of it. */
function makeLeaf(pki: Pki, serialNumber: string, pointers: readonly string[]): PointingLeaf {
  made += 1;
  const at = (end: string): string => join(pki.folder, `pointing-${made}.${end}`);
  const extensions = [
    "basicConstraints = CA:FALSE",
    "keyUsage = critical, digitalSignature, nonRepudiation",
    "extendedKeyUsage = serverAuth, clientAuth, emailProtection",
    "subjectAltName = DNS:localhost, IP:127.0.0.1",
    "authorityKeyIdentifier = keyid",
    ...pointers,
  ];
  writeFileSync(at("cnf"), `${extensions.join("\n")}\n`);
  const subject = ["-key", "leaf.key", "-subj", "/C=VN/CN=localhost", "-config", "openssl.cnf"];
  mustRun("openssl", ["req", "-new", ...subject, "-out", at("csr")], pki.folder);
  const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", `0x${serialNumber}`];
  const args = ["-req", "-in", at("csr"), ...ca, "-extfile", at("cnf"), "-days", "30", "-sha256"];
  mustRun("openssl", ["x509", ...args, "-out", at("pem")], pki.folder);
  mustRun("sh", ["-c", `cat ${at("pem")} ca.pem > ${at("chain")}`], pki.folder);
  return { certificate: at("pem"), key: join(pki.folder, "leaf.key"), chain: at("chain") };
}
