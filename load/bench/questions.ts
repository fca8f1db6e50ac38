import { readFileSync } from "node:fs";
import { Tag } from "../../src/der/reader.ts";
import { element, sequence } from "../../src/der/writer.ts";
import { HASHES } from "../../src/ocsp/hash.ts";
import {
  type Certificate,
  keyHash,
  nameHash,
  readCertificate,
} from "../../src/x509/certificate.ts";
import { pemBlocks } from "../../src/x509/pem.ts";
import type { BenchPki, Issued } from "./pki.ts";

/** An OCSP request about one certificate. */
export interface Question extends Issued {
  readonly der: Buffer;
  /** As RFC 6960 A.1 has it, escaped. */
  readonly path: string;
}

/** The first certificate of a PEM file. */
export function readPem(file: string): Certificate {
  const [block] = pemBlocks(readFileSync(file));
  if (!block || !("der" in block)) throw new Error(`${file} has no certificate in PEM form`);
  return readCertificate(block.der);
}

/** How many different requests are sent; one repeated would measure a cache. */
const DIFFERENT = 1_000;

/** Requests (SHA-1, no nonce) spread evenly over what was issued. */
export function makeQuestions(pki: BenchPki, issued: readonly Issued[]): Question[] {
  const ca = readPem(pki.caCertificate);
  const count = Math.min(DIFFERENT, issued.length);
  return Array.from({ length: count }, (_, i) => {
    const about = issued[Math.floor((i * issued.length) / count)] as Issued;
    const der = ocspRequest(ca, Buffer.from(about.serialNumber, "hex"));
    return { ...about, der, path: `/${encodeURIComponent(der.toString("base64"))}` };
  });
}

function ocspRequest(ca: Certificate, serialNumber: Uint8Array): Buffer {
  const certID = sequence(
    HASHES.sha1.algorithmIdentifier,
    element(Tag.octetString, nameHash(ca.subject, "sha1")),
    element(Tag.octetString, keyHash(ca, "sha1")),
    element(Tag.integer, serialNumber),
  );
  return sequence(sequence(sequence(sequence(certID))));
}
