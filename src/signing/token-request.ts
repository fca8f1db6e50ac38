import { DerReader, Tag } from "../der/reader.ts";
import { type KeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { algorithmOfKey, SIGNING_KEYS } from "../x509/signature-algorithm.ts";
import type { PublicKeyJob, RequestJob } from "./jobs.ts";
import { TokenFault } from "./token-error.ts";
import { publicKeyInToken, TokenKey } from "./token-key.ts";

/** The public key beside a private key in a token, as SubjectPublicKeyInfo in DER. */
export function tokenPublicKey({ keyFile }: PublicKeyJob): Uint8Array {
  return publicKeyInToken(parsed(keyFile)).export({ type: "spki", format: "der" });
}

/** Signs a CertificationRequestInfo of the token's own key, and nothing else; ECDSA as r and s. */
export function signRequest({ keyFile, info }: RequestJob): Uint8Array {
  const uri = parsed(keyFile);
  const publicKey = publicKeyInToken(uri);
  const algorithm = algorithmOfKey(publicKey);
  if (!algorithm) throw new TokenFault(`it does not sign here: signers have ${SIGNING_KEYS}`);
  const spki = publicKey.export({ type: "spki", format: "der" });
  if (!spki.equals(keyAsked(info))) throw new TokenFault("the request is for another key");
  return new TokenKey(uri, algorithm, publicKey).sign(info);
}

/** The SubjectPublicKeyInfo of a CertificationRequestInfo (RFC 2986 4.1). */
function keyAsked(info: Uint8Array): Uint8Array {
  const reader = new DerReader(info, "CertificationRequestInfo");
  reader.open(Tag.sequence);
  reader.integer();
  reader.element(Tag.sequence);
  return reader.element(Tag.sequence);
}

function parsed(keyFile: string): KeyURI {
  const uri = parseKeyURI(keyFile);
  if ("problem" in uri) throw new TokenFault(`the key ${uri.problem}`);
  return uri;
}
