import { LONGEST_SERIAL_NUMBER } from "../x509/serial-number.ts";
import { HASHES } from "./hash.ts";
import type { CertID } from "./request.ts";

/** Who answers a request, and what is known there of each of its certificates. */
export interface Answering<Issuer, Known> {
  readonly issuer: Issuer;
  /** What is known of each CertID, in the order of the request; nothing where it is not known to this issuer. */
  readonly known: readonly (Known | undefined)[];
}

/** Longer than any OBJECT IDENTIFIER of a hash algorithm. */
const LONGEST_ALGORITHM = 32;
const LONGEST_HASH = HASHES.sha512.size;

/**
 * The issuer whose signer answers a request, one only, since a delegated signer speaks for its own issuer
 * (RFC 6960 4.2.2.2): that of the first certificate that is known, else of the first that names an issuer
 * which is served. Nothing where none does, or where a CertID is larger than one can be.
 */
export function answeringIssuer<Issuer, Known>(
  certIDs: readonly CertID[],
  issuerOf: (certID: CertID) => Issuer | undefined,
  knownOf: (issuer: Issuer, certID: CertID) => Known | undefined,
): Answering<Issuer, Known> | undefined {
  if (!certIDs.every(isOfPossibleSize)) return undefined;
  const named = certIDs.map((certID) => ({ certID, issuer: issuerOf(certID) }));
  const found = named.map(({ certID, issuer }) => issuer && knownOf(issuer, certID));
  const first = found.findIndex((known) => known !== undefined);
  const issuer = first < 0 ? named.find((one) => one.issuer)?.issuer : named[first]?.issuer;
  if (!issuer) return undefined;
  return {
    issuer,
    known: found.map((known, i) => (named[i]?.issuer === issuer ? known : undefined)),
  };
}

function isOfPossibleSize({ hashAlgorithm, ...certID }: CertID): boolean {
  return (
    hashAlgorithm.length <= LONGEST_ALGORITHM &&
    certID.issuerNameHash.length <= LONGEST_HASH &&
    certID.issuerKeyHash.length <= LONGEST_HASH &&
    certID.serialNumber.length <= LONGEST_SERIAL_NUMBER
  );
}
