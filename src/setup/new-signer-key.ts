import { createPublicKey, type KeyObject } from "node:crypto";
import { type SigningKey, signerBy } from "../signing/keys.ts";
import { publicKeyInToken, TokenKey } from "../signing/token-key.ts";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import {
  algorithmOfKey,
  SIGNING_KEYS,
  type SignatureAlgorithm,
  signatureSize,
} from "../x509/signature-algorithm.ts";
import { writeNewFiles } from "./new-files.ts";
import { NEW_KEYS } from "./new-keys.ts";

/** A key that has no certificate yet. */
export interface UncertifiedKey {
  readonly publicKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
  readonly sign: SigningKey["sign"];
}

/**
 * The key for a new signer: made and written into a new file of mode 0600 (a `FileExistsError` where one is),
 * or, by its URI, one that is in a token already.
 */
export async function newSignerKey(key: string, kind: string): Promise<UncertifiedKey> {
  if (isKeyURI(key)) return keyOfToken(key);
  const privateKey = (NEW_KEYS[kind] as () => KeyObject)();
  const content = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeNewFiles([{ path: key, content, holds: "key" }]);
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(publicKey);
  return { publicKey, algorithm, sign: signerBy(privateKey, algorithm) };
}

function keyOfToken(uri: string): UncertifiedKey {
  const parsed = parseKeyURI(uri);
  if ("problem" in parsed) throw new Error(`the key ${parsed.problem}; ${parsed.do}`);
  const publicKey = publicKeyInToken(parsed);
  const algorithm = algorithmOf(publicKey);
  const token = new TokenKey(parsed, algorithm, signatureSize(algorithm, publicKey));
  return { publicKey, algorithm, sign: (octets) => token.sign(octets) };
}

function algorithmOf(publicKey: KeyObject): SignatureAlgorithm {
  const algorithm = algorithmOfKey(publicKey);
  if (!algorithm)
    throw new Error(`the token's key does not sign here: signers have ${SIGNING_KEYS}`);
  return algorithm;
}
