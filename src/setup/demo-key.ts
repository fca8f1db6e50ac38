import { createHash } from "node:crypto";
import { Crypto } from "@peculiar/webcrypto";
import { CryptoEngine, type ICryptoEngine, PublicKeyInfo, setEngine } from "pkijs";

/** The algorithms that the demo's issuers sign with. */
export type DemoAlgorithm = "P-256" | "RSA-2048";

/** A key pair, with what certificates say of its public half. */
export interface DemoKey {
  readonly privateKey: CryptoKey;
  readonly publicKeyInfo: PublicKeyInfo;
  /** SHA-1 of the BIT STRING's content (RFC 5280 4.2.1.2, method 1). */
  readonly keyIdentifier: Uint8Array;
}

const webcrypto = new Crypto();
const engine = new CryptoEngine({ name: "@peculiar/webcrypto", crypto: webcrypto });
// The cast: Node's SubtleCrypto has methods of ML-KEM in its types, which pkijs never calls.
setEngine(engine.name, engine as unknown as ICryptoEngine);

const parameters = {
  "P-256": { name: "ECDSA", namedCurve: "P-256" },
  "RSA-2048": {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
} as const;

/** A new key pair whose private half can be exported. */
export async function generateDemoKey(algorithm: DemoAlgorithm): Promise<DemoKey> {
  const pair = await webcrypto.subtle.generateKey(parameters[algorithm], true, ["sign", "verify"]);
  const publicKeyInfo = new PublicKeyInfo();
  await publicKeyInfo.importKey(pair.publicKey);
  const content = publicKeyInfo.subjectPublicKey.valueBlock.valueHexView;
  const keyIdentifier = createHash("sha1").update(content).digest();
  return { privateKey: pair.privateKey, publicKeyInfo, keyIdentifier };
}

/** The private key as PKCS #8 in DER. */
export async function privateKeyDer(key: DemoKey): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", key.privateKey));
}
