import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** Kinds of keys that can be made, as the command names them. */
export const NEW_KEYS: Readonly<Record<string, () => KeyObject>> = {
  p256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  p384: () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  p521: () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  rsa2048: () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  rsa3072: () => generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey,
  rsa4096: () => generateKeyPairSync("rsa", { modulusLength: 4096 }).privateKey,
  ed25519: () => generateKeyPairSync("ed25519").privateKey,
  "ml-dsa-44": () => generateKeyPairSync("ml-dsa-44").privateKey,
  "ml-dsa-65": () => generateKeyPairSync("ml-dsa-65").privateKey,
  "ml-dsa-87": () => generateKeyPairSync("ml-dsa-87").privateKey,
};
