import { OIDS, sameOctets } from "../der/oids.ts";
import { NULL, sequence } from "../der/writer.ts";
import type { HashName } from "../x509/certificate.ts";

export type { HashName } from "../x509/certificate.ts";

interface HashAlgorithm {
  readonly name: HashName;
  /** Octets of a hash value. */
  readonly size: number;
  readonly oid: Uint8Array;
  /** AlgorithmIdentifier with parameters NULL, as every client writes it (RFC 4055 2.1). */
  readonly algorithmIdentifier: Uint8Array;
}

function algorithm(name: HashName, size: number): HashAlgorithm {
  return { name, size, oid: OIDS[name], algorithmIdentifier: sequence(OIDS[name], NULL) };
}

/** What is known of each hash algorithm. */
export const HASHES: Readonly<Record<HashName, HashAlgorithm>> = {
  sha1: algorithm("sha1", 20),
  sha224: algorithm("sha224", 28),
  sha256: algorithm("sha256", 32),
  sha384: algorithm("sha384", 48),
  sha512: algorithm("sha512", 64),
};

const all = Object.values(HASHES);

/** The algorithm of an OBJECT IDENTIFIER element, or nothing when a CertID with it is not answered. */
export function hashOfOid(oid: Uint8Array): HashAlgorithm | undefined {
  return all.find((hash) => sameOctets(hash.oid, oid));
}
