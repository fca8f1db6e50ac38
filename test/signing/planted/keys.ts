import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import * as real from "../../../src/signing/keys.ts";
import { plantedFault } from "./fault.ts";

const others = new Map<string, KeyObject>();

/** A key of the same kind that belongs to nobody. */
function anotherKey({ publicKey }: real.SigningKey): KeyObject {
  const kind = publicKey.asymmetricKeyType ?? "";
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
  const signature =
    fault === "another key"
      ? sign("sha256", octets, { key: anotherKey(key), dsaEncoding: "ieee-p1363" })
      : real.signOctets(key, octets);
  if (fault === "a bit of the signature") signature[20] = (signature[20] ?? 0) ^ 0x10;
  return signature;
};
