import {
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OIDS } from "../../src/der/oids.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { x509Time } from "../../src/der/time.ts";
import { bitString, element, integer, oid, sequence } from "../../src/der/writer.ts";
import {
  algorithmOfKey,
  pssOptions,
  SIGNATURE_ALGORITHMS,
} from "../../src/x509/signature-algorithm.ts";
import type { Pki } from "./openssl-pki.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";

type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const rsa = (modulusLength: number) => (): KeyPair =>
  generateKeyPairSync("rsa", { modulusLength, publicExponent: 0x10001 });
const ec = (namedCurve: string) => (): KeyPair => generateKeyPairSync("ec", { namedCurve });
const pss = (hashAlgorithm: string, saltLength: number) => (): KeyPair =>
  generateKeyPairSync("rsa-pss", {
    modulusLength: 2048,
    hashAlgorithm,
    mgf1HashAlgorithm: hashAlgorithm,
    // A number; the types have it as text.
    saltLength: saltLength as unknown as string,
  });

/** Names for tests of every kind of key that signs. */
export type KeyKind =
  | `RSA-${2048 | 3072 | 4096}`
  | `RSA-PSS${"" | " for SHA-256" | " for SHA-384" | " for SHA-512"}`
  | `P-${256 | 384 | 521}`
  | "Ed25519"
  | `ML-DSA-${44 | 65 | 87}`;

/** How a pair of each kind is made. */
export const KEY_KINDS: Readonly<Record<KeyKind, () => KeyPair>> = {
  "RSA-2048": rsa(2048),
  "RSA-3072": rsa(3072),
  "RSA-4096": rsa(4096),
  "RSA-PSS": () => generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
  "RSA-PSS for SHA-256": pss("sha256", 32),
  "RSA-PSS for SHA-384": pss("sha384", 20),
  "RSA-PSS for SHA-512": pss("sha512", 64),
  "P-256": ec("P-256"),
  "P-384": ec("P-384"),
  "P-521": ec("P-521"),
  Ed25519: () => generateKeyPairSync("ed25519"),
  "ML-DSA-44": () => generateKeyPairSync("ml-dsa-44"),
  "ML-DSA-65": () => generateKeyPairSync("ml-dsa-65"),
  "ML-DSA-87": () => generateKeyPairSync("ml-dsa-87"),
};

/** What a certificate is to say. */
export interface CertificatePlan {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
  readonly profile: "ca" | "ocsp" | "leaf";
  /** Days from now. */
  readonly days?: readonly [number, number];
  readonly serialNumber?: Buffer;
}

/** A certificate for any kind of key, by any kind of key: more than every `openssl` command makes. */
function madeCertificate(plan: CertificatePlan): Buffer {
  const { publicKey, issuer, days = [-1, 30] } = plan;
  const { serialNumber = Buffer.concat([Buffer.of(0x41), randomBytes(9)]) } = plan;
  const algorithm = algorithmOfKey(createPublicKey(issuer.privateKey));
  if (!algorithm) throw new Error("no key to sign with");
  const { identifier, digest, family } = SIGNATURE_ALGORITHMS[algorithm];
  const now = Math.floor(Date.now() / 1000);
  const tbs = sequence(
    element(contextTag(0), integer(2)),
    element(Tag.integer, serialNumber),
    identifier,
    distinguishedName(issuer.name),
    sequence(...days.map((day) => x509Time(now + day * 86_400))),
    distinguishedName(plan.name),
    publicKey.export({ type: "spki", format: "der" }),
    element(contextTag(3), sequence(...extensions(plan))),
  );
  const { privateKey } = issuer;
  const how = family === "pss" ? pssOptions(privateKey, digest ?? "sha256") : privateKey;
  return sequence(tbs, identifier, bitString(sign(digest, tbs, how)));
}

function distinguishedName(name: string): Buffer {
  return sequence(
    element(Tag.set, sequence(oid("2.5.4.3"), element(0x0c, Buffer.from(name, "utf8")))),
  );
}

function extensions({ profile, publicKey }: CertificatePlan): Buffer[] {
  const extension = (id: Uint8Array, value: Uint8Array): Buffer =>
    sequence(id, element(Tag.octetString, value));
  const isCA = element(Tag.boolean, Buffer.of(0xff));
  // KeyUsage: keyCertSign and cRLSign besides digitalSignature, or that alone.
  const usage = profile === "ca" ? Buffer.of(1, 0x86) : Buffer.of(7, 0x80);
  const spki = publicKey.export({ type: "spki", format: "der" });
  return [
    extension(OIDS.basicConstraints, profile === "ca" ? sequence(isCA) : sequence()),
    extension(OIDS.keyUsage, element(Tag.bitString, usage)),
    extension(OIDS.subjectKeyIdentifier, element(Tag.octetString, hash("sha1", spki, "buffer"))),
    ...(profile === "ocsp"
      ? [
          extension(OIDS.extKeyUsage, sequence(OIDS.ocspSigning)),
          extension(OIDS.ocspNocheck, element(Tag.null)),
        ]
      : []),
  ];
}

/** A CA with keys of this kind and its OCSP signer, in files; it issued nothing else. */
export function makeKindPki(kind: KeyKind): Pki {
  const folder = tempFolder();
  const at = (file: string): string => join(folder, file);
  const name = `CA ${kind}`;
  const ca = KEY_KINDS[kind]();
  const ocsp = KEY_KINDS[kind]();
  const issuer = { name, privateKey: ca.privateKey };
  writeKey(at("ca.key"), ca.privateKey);
  writeKey(at("ocsp.key"), ocsp.privateKey);
  writeCertificate(
    at("ca.pem"),
    madeCertificate({ name, publicKey: ca.publicKey, issuer, profile: "ca" }),
  );
  writeCertificate(
    at("ocsp.pem"),
    madeCertificate({ name: "OCSP", publicKey: ocsp.publicKey, issuer, profile: "ocsp" }),
  );
  writeFileSync(at("index.txt"), "");
  return {
    folder,
    caCertificate: at("ca.pem"),
    caKey: at("ca.key"),
    signer: { certificate: at("ocsp.pem"), key: at("ocsp.key") },
    leaves: [],
    index: at("index.txt"),
    revokeInIndex: () => {
      throw new Error("this CA keeps no register");
    },
    remove: () => removeFolder(folder),
  };
}

/** Writes a private key in PEM. */
function writeKey(file: string, key: KeyObject): void {
  writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
}

/** Writes a certificate in PEM. */
function writeCertificate(file: string, der: Uint8Array): void {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  writeFileSync(file, `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
}
