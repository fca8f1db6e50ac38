import { type KeyObject, verify } from "node:crypto";
import {
  type Digest,
  pssOptions,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";

/** What node:crypto is told so that signatures are as records keep them: ECDSA as r and s (IEEE P1363). */
export function fixedLength(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
): ReturnType<typeof pssOptions> | { key: KeyObject; dsaEncoding: "ieee-p1363" } {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  return family === "pss" ? pssOptions(key, digest as Digest) : { key, dsaEncoding: "ieee-p1363" };
}

/** Whether the key made this signature; ECDSA's as r and s. */
export function verifyFixed(
  {
    publicKey,
    algorithm,
  }: { readonly publicKey: KeyObject; readonly algorithm: SignatureAlgorithm },
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { digest } = SIGNATURE_ALGORITHMS[algorithm];
  return verify(digest, octets, fixedLength(algorithm, publicKey), signature);
}
