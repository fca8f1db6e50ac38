import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import type { CertID } from "../../src/ocsp/request.ts";
import { keyHash, nameHash, readCertificate } from "../../src/x509/certificate.ts";
import { parseSerialNumber } from "../../src/x509/serial-number.ts";

/** The CertID of a certificate by its CA's certificate file. */
export function caCertID(caCertificate: string, serialNumber: string, hash: HashName): CertID {
  const ca = readCertificate(new X509Certificate(readFileSync(caCertificate)).raw);
  const serial = parseSerialNumber(serialNumber);
  if (!serial) throw new Error(`no serial number: ${serialNumber}`);
  return {
    hash,
    hashAlgorithm: HASHES[hash].oid,
    issuerNameHash: nameHash(ca.subject, hash),
    issuerKeyHash: keyHash(ca, hash),
    serialNumber: serial,
  };
}
