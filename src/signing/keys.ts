import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  algorithmOfKey,
  type Digest,
  pssOptions,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import type { KeyRef } from "./jobs.ts";

/** A private key that belongs to its certificate. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** Of the certificate, not of the private key: proofs must not lean on what signed. */
  readonly publicKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

const loaded = new Map<string, SigningKey>();

/**
 * The key of a reference, loaded once a thread. Fails with words for the operator when the file cannot be
 * read, is no private key, or belongs to another certificate.
 */
export function signingKey(ref: KeyRef): SigningKey {
  const certificate = new X509Certificate(ref.certificate);
  const name = `${certificate.fingerprint256} ${ref.keyFile}`;
  const known = loaded.get(name);
  if (known) return known;
  const { publicKey } = certificate;
  const algorithm = algorithmOfKey(publicKey);
  if (!algorithm) throw new Error(`the key of "${certificate.subject}" is none to sign with here`);
  const key = { privateKey: readPrivateKey(ref.keyFile), publicKey, algorithm };
  if (!certificate.checkPrivateKey(key.privateKey)) {
    throw new Error(`${ref.keyFile} is not the key of the certificate "${certificate.subject}"`);
  }
  loaded.set(name, key);
  return key;
}

/** Signs by the key's algorithm; ECDSA as fixed-length r and s (IEEE P1363). */
export function signOctets({ privateKey, algorithm }: SigningKey, octets: Uint8Array): Buffer {
  const { family, digest } = SIGNATURE_ALGORITHMS[algorithm];
  if (family === "pss") return sign(digest, octets, pssOptions(privateKey, digest as Digest));
  return sign(digest, octets, { key: privateKey, dsaEncoding: "ieee-p1363" });
}

function readPrivateKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    // OpenSSL's words may quote the file; they are left out, since this reaches logs.
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why = /^E[A-Z]+$/.test(code)
      ? `cannot be read (${code})`
      : "is no private key in PEM form";
    throw new Error(`${file} ${why}`);
  }
}
