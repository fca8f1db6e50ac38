import { createPublicKey, type KeyObject } from "node:crypto";
import { signerBy } from "../signing/keys.ts";
import type { TokenProcess } from "../signing/token-process.ts";
import {
  algorithmOfKey,
  SIGNING_KEYS,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import { writeNewFiles } from "./new-files.ts";
import { NEW_KEYS } from "./new-keys.ts";
import type { SignerRequest } from "./signer-request.ts";

/** A key that has no certificate yet. */
export type UncertifiedKey = Pick<SignerRequest, "publicKey" | "algorithm" | "sign">;

/** Makes the key for a new signer, and writes it into a new file of mode 0600 (a `FileExistsError` where one is). */
export async function newSignerKey(key: string, kind: string): Promise<UncertifiedKey> {
  const privateKey = (NEW_KEYS[kind] as () => KeyObject)();
  const content = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await writeNewFiles([{ path: key, content, holds: "key" }]);
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(publicKey);
  return { publicKey, algorithm, sign: signerBy(privateKey, algorithm) };
}

/** A key that is in a token already, by its URI. */
export async function keyOfToken(keyFile: string, token: TokenProcess): Promise<UncertifiedKey> {
  const spki = await token.run("urgent", { kind: "publicKey", keyFile });
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  const sign = (info: Uint8Array): Promise<Uint8Array> =>
    token.run("urgent", { kind: "request", keyFile, info });
  return { publicKey, algorithm: algorithmOf(publicKey), sign };
}

function algorithmOf(publicKey: KeyObject): SignatureAlgorithm {
  const algorithm = algorithmOfKey(publicKey);
  if (!algorithm)
    throw new Error(`the token's key does not sign here: signers have ${SIGNING_KEYS}`);
  return algorithm;
}
