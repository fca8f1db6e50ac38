import { generateKeyPairSync, type KeyObject } from "node:crypto";
import * as real from "../../../src/signing/keys.ts";
import { plantedFault } from "./fault.ts";

const others = new Map<string, KeyObject>();

/** A key of the same kind that belongs to nobody. */
function anotherKey(key: KeyObject): KeyObject {
  const kind = key.asymmetricKeyType ?? "";
  const known = others.get(kind);
  if (known) return known;
  const made =
    kind === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  others.set(kind, made.privateKey);
  return made.privateKey;
}

export const signingKey: typeof real.signingKey = real.signingKey;

export const signOctets: typeof real.signOctets = (key, octets) => {
  const fault = plantedFault();
  const { privateKey } = key;
  const signs = fault === "another key" ? { ...key, privateKey: anotherKey(privateKey) } : key;
  const signature = real.signOctets(signs, octets);
  if (fault === "a bit of the signature") signature[20] = (signature[20] ?? 0) ^ 0x10;
  return signature;
};
