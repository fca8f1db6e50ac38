import { readFileSync } from "node:fs";
import { Tag } from "../../src/der/reader.ts";
import { element, sequence } from "../../src/der/writer.ts";
import { HASHES } from "../../src/ocsp/hash.ts";
import { keyHash, nameHash, readCertificate } from "../../src/x509/certificate.ts";
import { pemBlocks } from "../../src/x509/pem.ts";

/** The hashes of CertIDs that Vouch signs answers for ahead. */
export type AskedHash = "sha1" | "sha256";

/** Makes the OCSPRequest for one serial number. */
export type RequestMaker = (serialNumber: Uint8Array, hash: AskedHash) => Buffer;

/** A maker of requests about one CA's certificates; the CA's certificate is a PEM file. */
export function requestMaker(issuerFile: string): RequestMaker {
  const [block] = pemBlocks(readFileSync(issuerFile));
  if (!block || !("der" in block)) throw new Error(`${issuerFile} has no certificate in PEM form`);
  const issuer = readCertificate(block.der);
  const head = (hash: AskedHash): Buffer =>
    Buffer.concat([
      HASHES[hash].algorithmIdentifier,
      element(Tag.octetString, nameHash(issuer.subject, hash)),
      element(Tag.octetString, keyHash(issuer, hash)),
    ]);
  const heads = { sha1: head("sha1"), sha256: head("sha256") };
  return (serialNumber, hash) => {
    const certID = sequence(heads[hash], element(Tag.integer, serialNumber));
    return sequence(sequence(sequence(sequence(certID))));
  };
}

/** SHA-1 and SHA-256 in turn: both answers of a record are its own. */
export function hashInTurn(i: number): AskedHash {
  return i % 2 === 0 ? "sha1" : "sha256";
}
