import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import {
  algorithmOfKey,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import { fixedLength } from "./fixed-length.ts";
import type { KeyRef } from "./jobs.ts";
import { readSmallFile } from "./small-file.ts";
import { TokenFault } from "./token-error.ts";
import { TokenKey } from "./token-key.ts";

/** A private key that belongs to its certificate. */
export interface SigningKey {
  /** Of the certificate, not of the private key: proofs must not lean on what signed. */
  readonly publicKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
  /** Signs by the algorithm; ECDSA as fixed-length r and s (IEEE P1363). */
  readonly sign: (octets: Uint8Array) => Buffer;
  /** Looks for a key in a token as a thread does that has no session yet; nothing for a file. */
  readonly findAnew: () => void;
}

const loaded = new Map<string, SigningKey>();

/**
 * The key of a reference, loaded once a thread. Fails with words for the operator when the file cannot be
 * read or is no private key, the token or the key in it cannot be found, or the key is another certificate's.
 */
export function signingKey(ref: KeyRef): SigningKey {
  const certificate = new X509Certificate(ref.certificate);
  const name = `${certificate.fingerprint256} ${ref.keyFile}`;
  const known = loaded.get(name);
  if (known) return known;
  const { publicKey } = certificate;
  const algorithm = algorithmOfKey(publicKey);
  if (!algorithm)
    throw new Error(
      `the key of "${certificate.subject.replaceAll("\n", ", ")}" is none to sign with here`,
    );
  const key = {
    publicKey,
    algorithm,
    ...(isKeyURI(ref.keyFile)
      ? tokenSigner(ref.keyFile, publicKey, algorithm)
      : { sign: fileSigner(ref.keyFile, certificate, algorithm), findAnew: () => undefined }),
  };
  loaded.set(name, key);
  return key;
}

/** Signs by the key's algorithm; ECDSA as fixed-length r and s (IEEE P1363). */
export function signOctets(key: SigningKey, octets: Uint8Array): Buffer {
  return key.sign(octets);
}

function fileSigner(
  file: string,
  certificate: X509Certificate,
  algorithm: SignatureAlgorithm,
): SigningKey["sign"] {
  const privateKey = readPrivateKey(file);
  if (!certificate.checkPrivateKey(privateKey)) throw notItsKey(file, certificate);
  return signerBy(privateKey, algorithm);
}

/** Signs by a private key that is at hand; ECDSA as fixed-length r and s. */
export function signerBy(key: KeyObject, algorithm: SignatureAlgorithm): SigningKey["sign"] {
  const { digest } = SIGNATURE_ALGORITHMS[algorithm];
  const options = fixedLength(algorithm, key);
  return (octets) => sign(digest, octets, options);
}

function notItsKey(key: string, { subject }: X509Certificate): Error {
  return new Error(`${key} is not the key of the certificate "${subject.replaceAll("\n", ", ")}"`);
}

/** A token does not give its key away: that it is the certificate's shows when it signs. */
function tokenSigner(
  uri: string,
  publicKey: KeyObject,
  algorithm: SignatureAlgorithm,
): Pick<SigningKey, "sign" | "findAnew"> {
  const parsed = parseKeyURI(uri);
  if ("problem" in parsed) throw new TokenFault(`${uri} ${parsed.problem}`);
  const key = new TokenKey(parsed, algorithm, publicKey);
  key.find();
  return { sign: (octets) => key.sign(octets), findAnew: () => key.findAnew() };
}

function readPrivateKey(file: string): KeyObject {
  const pem = readKeyFile(file);
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's words may quote the file; they are left out, since this reaches logs.
    const isEncrypted = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(
      pem.toString("latin1"),
    );
    throw new Error(
      `${file} ${isEncrypted ? "has a passphrase" : "is no private key in PEM form"}`,
    );
  }
}

function readKeyFile(file: string): Buffer {
  try {
    return readSmallFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${file} ${code === undefined ? message : `cannot be read (${code})`}`);
  }
}
