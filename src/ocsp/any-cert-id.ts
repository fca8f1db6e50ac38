import type { LenientReader } from "../der/lenient-reader.ts";
import { oidText } from "../der/oids.ts";
import { Tag } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../x509/algorithm-identifier.ts";
import type { HashName } from "../x509/certificate.ts";
import { HASHES } from "./hash.ts";

/** A CertID (RFC 6960 4.1.1) of whatever algorithm and length. */
export interface AnyCertID {
  readonly hashAlgorithm: AlgorithmIdentifier;
  /** Nothing where the algorithm is not one of RFC 6960's clients. */
  readonly hash: HashName | undefined;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialNumber: Uint8Array;
}

const LONGEST_SERIAL = 20;

const HASH_NAMES: ReadonlyMap<string, HashName> = new Map(
  Object.values(HASHES).map(({ name, oid }) => [oidText(oid), name]),
);

/** Reads a CertID; a serial number that no certificate may have is a flaw, as is a hash of a wrong length. */
export function readAnyCertID(reader: LenientReader): AnyCertID {
  const where = reader.place;
  const certID = reader.inside(Tag.sequence, () => {
    const hashAlgorithm = readAlgorithm(reader);
    return {
      hashAlgorithm,
      hash: HASH_NAMES.get(hashAlgorithm.oid),
      issuerNameHash: reader.content(Tag.octetString),
      issuerKeyHash: reader.content(Tag.octetString),
      serialNumber: reader.integer(),
    };
  });
  for (const [problem, rule] of certIDProblems(certID)) {
    reader.note({ where, problem, rule, weight: "error" });
  }
  return certID;
}

function* certIDProblems(certID: AnyCertID): Generator<readonly [string, string]> {
  const { hash, serialNumber } = certID;
  for (const field of ["issuerNameHash", "issuerKeyHash"] as const) {
    const { length } = certID[field];
    if (hash && length !== HASHES[hash].size) {
      yield [`${field} has ${length} octets, ${hash} makes ${HASHES[hash].size}`, "RFC 6960 4.1.1"];
    }
  }
  const octets = serialNumber.length;
  if ((serialNumber[0] ?? 0) > 0x7f) yield ["a negative serialNumber", "RFC 5280 4.1.2.2"];
  else if (octets > LONGEST_SERIAL)
    yield [`a serialNumber of ${octets} octets`, "RFC 5280 4.1.2.2"];
}
