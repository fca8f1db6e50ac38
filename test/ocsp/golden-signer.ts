import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import type { Archive, IssuerParts, SignerParts } from "../../src/ocsp/template.ts";
import {
  type Certificate,
  keyHash,
  nameHash,
  readCertificate,
} from "../../src/x509/certificate.ts";

/** A CA and what signs answers for it, with throw-away keys that are committed. */
export interface GoldenSigner {
  /** Path of the CA's certificate, for other programs. */
  readonly caCertificate: string;
  readonly issuer: IssuerParts;
  readonly signer: SignerParts;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Which of the keys: the CA's, which is ECDSA P-256 or RSA-2048, with the delegate or without. */
export interface GoldenChoice {
  readonly kind: "ec" | "rsa";
  readonly by: "delegate" | "direct";
  readonly archive?: Archive;
}

const PKI = fileURLToPath(new URL("../vectors/golden/pki/", import.meta.url));

/** The parts of a signer's answers. */
export function goldenSigner({ kind, by, archive = "forever" }: GoldenChoice): GoldenSigner {
  const caCertificate = `${PKI}${kind}-ca.pem`;
  const name = `${PKI}${kind}-${by === "direct" ? "ca" : "ocsp"}`;
  const x509 = new X509Certificate(readFileSync(`${name}.pem`));
  const certificate = readCertificate(x509.raw);
  return {
    caCertificate,
    issuer: issuerParts(readCertificate(new X509Certificate(readFileSync(caCertificate)).raw)),
    signer: {
      number: 1,
      certificate: certificate.der,
      keyHash: keyHash(certificate, "sha1"),
      algorithm: kind === "ec" ? "ecdsaP256" : "rsaPkcs1",
      signatureSize: kind === "ec" ? 64 : 256,
      direct: by === "direct",
      notAfter: certificate.notAfter,
      archive,
    },
    publicKey: x509.publicKey,
    privateKey: createPrivateKey(readFileSync(`${name}.key`)),
  };
}

function issuerParts(certificate: Certificate): IssuerParts {
  const hashes = (make: (hash: HashName) => Uint8Array): Record<HashName, Uint8Array> => {
    const names = Object.keys(HASHES) as HashName[];
    const made = names.map((hash) => [hash, make(hash)] as const);
    return Object.fromEntries(made) as Record<HashName, Uint8Array>;
  };
  return {
    nameHash: hashes((hash) => nameHash(certificate.subject, hash)),
    keyHash: hashes((hash) => keyHash(certificate, hash)),
    notBefore: certificate.notBefore,
  };
}
