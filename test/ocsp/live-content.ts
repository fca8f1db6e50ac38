import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import {
  assembleLiveResponse,
  assembleLiveTbs,
  type LiveContent,
  type LiveSingle,
} from "../../src/ocsp/live-answer.ts";
import type { ExpectedLive } from "../../src/ocsp/live-proof.ts";
import type { CertID } from "../../src/ocsp/request.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import { signerBy } from "../../src/signing/keys.ts";
import type { SerialNumber } from "../../src/x509/serial-number.ts";
import type { GoldenSigner } from "./golden-signer.ts";

/** A CertID of this issuer. */
export function certIDOf(
  { issuer }: Pick<GoldenSigner, "issuer">,
  hash: HashName,
  serialNumber: SerialNumber,
): CertID {
  return {
    hash,
    hashAlgorithm: HASHES[hash].oid,
    issuerNameHash: issuer.nameHash[hash],
    issuerKeyHash: issuer.keyHash[hash],
    serialNumber,
  };
}

export function contentOf(
  [first, ...others]: readonly LiveSingle[],
  nonce?: Uint8Array,
): LiveContent {
  if (!first) throw new Error("nothing to say");
  return { singles: [first, ...others], nonce };
}

/** The OCSPResponse that says this, by the way that live answers take. */
export function madeLive(by: GoldenSigner, content: LiveContent): Buffer {
  const template = answerTemplate(by.issuer, by.signer, "sha256");
  const tbs = assembleLiveTbs(template, content);
  const sign = signerBy(by.privateKey, by.signer.algorithm);
  return assembleLiveResponse(template, tbs, sign(tbs));
}

/** What it must say. */
export function expectedLive(by: GoldenSigner, content: LiveContent): ExpectedLive {
  return { ...content, issuer: by.issuer, signer: by.signer, publicKey: by.publicKey };
}
