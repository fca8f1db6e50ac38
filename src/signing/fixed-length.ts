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

const SAMPLE = Buffer.from("vouch: is this the key of the certificate?");

/** Whether what signs is the private key of a public one: shown by a signature. */
export function isKeyOf(
  publicKey: KeyObject,
  algorithm: SignatureAlgorithm,
  sign: (octets: Buffer) => Buffer,
): boolean {
  const { digest } = SIGNATURE_ALGORITHMS[algorithm];
  return verify(digest, SAMPLE, fixedLength(algorithm, publicKey), sign(SAMPLE));
}
