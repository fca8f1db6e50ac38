import { createPublicKey, type KeyObject } from "node:crypto";
import { OIDS } from "../der/oids.ts";
import { DerReader, Tag } from "../der/reader.ts";
import { bitString, oid, sequence } from "../der/writer.ts";

/** What a token tells of a public key (PKCS #11 6.1.2, 6.3.3). */
export type TokenPublicKey =
  | { readonly modulus: Buffer; readonly publicExponent: Buffer }
  | { readonly ecParams: Buffer; readonly ecPoint: Buffer };

const EC_PUBLIC_KEY = oid("1.2.840.10045.2.1");

/** The key as node:crypto has it. */
export function publicKeyOfToken(told: TokenPublicKey): KeyObject {
  if ("modulus" in told) {
    const n = told.modulus.toString("base64url");
    const e = told.publicExponent.toString("base64url");
    return createPublicKey({ key: { kty: "RSA", n, e }, format: "jwk" });
  }
  const point = bitString(pointOf(told.ecPoint));
  // Edwards curves are named by their algorithm, or by their name as a PrintableString.
  const isCurve = told.ecParams[0] === Tag.oid && !told.ecParams.equals(OIDS.ed25519);
  const algorithm = isCurve ? sequence(EC_PUBLIC_KEY, told.ecParams) : sequence(OIDS.ed25519);
  return createPublicKey({ key: sequence(algorithm, point), format: "der", type: "spki" });
}

/** CKA_EC_POINT is an OCTET STRING around the point; some tokens give the point bare. */
function pointOf(ecPoint: Buffer): Uint8Array {
  try {
    const reader = new DerReader(ecPoint, "CKA_EC_POINT");
    const point = reader.content(Tag.octetString);
    reader.end();
    return point;
  } catch {
    return ecPoint;
  }
}
