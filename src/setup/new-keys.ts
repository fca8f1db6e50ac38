import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** Kinds of keys that can be made, as the command names them. */
export const NEW_KEYS: Readonly<Record<string, () => KeyObject>> = {
  p256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  p384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  p521: () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  rsa2048: () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  rsa3072: () => generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey,
  rsa4096: () => generateKeyPairSync("rsa", { modulusLength: 4096 }).privateKey,
  "rsa-pss2048": () => pssKey(2048),
  "rsa-pss3072": () => pssKey(3072),
  "rsa-pss4096": () => pssKey(4096),
  ed25519: () => generateKeyPairSync("ed25519").privateKey,
  "ml-dsa-44": () => generateKeyPairSync("ml-dsa-44").privateKey,
  "ml-dsa-65": () => generateKeyPairSync("ml-dsa-65").privateKey,
  "ml-dsa-87": () => generateKeyPairSync("ml-dsa-87").privateKey,
};

/** A key for RSASSA-PSS alone, with its parameters in it: the salt is as long as the digest (RFC 4055 1.2). */
function pssKey(modulusLength: number): KeyObject {
  const parameters = { hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256" };
  return generateKeyPairSync("rsa-pss", { modulusLength, ...parameters }).privateKey;
}
