import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A throw-away CA with a delegated OCSP signer; files are absolute paths. */
export interface BenchPki {
  readonly algorithm: "P-256" | "RSA-2048";
  readonly caCertificate: string;
  readonly signerCertificate: string;
  readonly signerKey: string;
}

/** One certificate that the CA is said to have issued. */
export interface Issued {
  /** Hexadecimal, 16 octets. */
  readonly serialNumber: string;
  readonly status: "good" | "revoked";
}

const CONFIGURATION = `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ocsp]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
`;

const NEW_KEY = {
  "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "RSA-2048": ["-newkey", "rsa:2048"],
} as const;

/** Makes one with `openssl` in this folder, which must not be there yet. */
export function makePki(folder: string, algorithm: BenchPki["algorithm"]): BenchPki {
  mkdirSync(folder);
  writeFileSync(join(folder, "openssl.cnf"), CONFIGURATION);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  const request = (name: string, file: string): string[] => {
    const subject = `/C=VN/O=Vouch bench/CN=${name}`;
    const key = [...NEW_KEY[algorithm], "-nodes", "-keyout", `${file}.key`];
    return ["req", "-new", ...key, "-config", "openssl.cnf", "-subj", subject];
  };
  openssl(...request("CA", "ca"), "-x509", "-days", "365", "-extensions", "ca", "-out", "ca.pem");
  openssl(...request("OCSP signer", "ocsp"), "-out", "ocsp.csr");
  const issuer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "0x7e57", "-sha256"];
  const extensions = ["-extfile", "openssl.cnf", "-extensions", "ocsp", "-days", "30"];
  openssl("x509", "-req", "-in", "ocsp.csr", ...issuer, ...extensions, "-out", "ocsp.pem");
  return {
    algorithm,
    caCertificate: join(folder, "ca.pem"),
    signerCertificate: join(folder, "ocsp.pem"),
    signerKey: join(folder, "ocsp.key"),
  };
}

/** One certificate in this many is revoked. */
const REVOKED_EVERY = 100;

/** Certificates with random serial numbers of 16 octets; one in a hundred is revoked. */
export function issue(count: number): Issued[] {
  return Array.from({ length: count }, (_, i) => {
    const octets = randomBytes(16);
    // Neither zero octets nor a sign octet before it: every serial number has the same length.
    octets[0] = 0x40 | ((octets[0] ?? 0) & 0x3f);
    const status = i % REVOKED_EVERY === REVOKED_EVERY - 1 ? "revoked" : "good";
    return { serialNumber: octets.toString("hex"), status };
  });
}

/** When all of the revoked were, and their reason, as index.txt has them. */
const REVOCATION = "250301120000Z,keyCompromise";

/** Writes the register of an `openssl ca` that issued these. */
export function writeIndex(file: string, issued: readonly Issued[]): void {
  const lines = issued.map(({ serialNumber, status }, i) => {
    const state = status === "good" ? "V\t491231235959Z\t" : `R\t491231235959Z\t${REVOCATION}`;
    return `${state}\t${serialNumber.toUpperCase()}\tunknown\t/C=VN/CN=${i}\n`;
  });
  writeFileSync(file, lines.join(""));
}
