import type { KeyObject } from "node:crypto";
import { fromBER } from "asn1js";
import {
  Attribute,
  CertificationRequest,
  Extensions,
  PublicKeyInfo,
  RelativeDistinguishedNames,
} from "pkijs";
import { DerReader, Tag } from "../der/reader.ts";
import { bitString, element, oid, sequence } from "../der/writer.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "../ocsp/ecdsa-signature.ts";
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { requestedOfSigner } from "./certificate-extensions.ts";

/** What a request is made from. */
export interface SignerRequest {
  readonly publicKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
  /** ECDSA as r and s. */
  readonly sign: (info: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly commonName: string;
  /** The CA's subject: the new name is the same but for its commonName. */
  readonly issuerName: Uint8Array;
}

const COMMON_NAME = oid("2.5.4.3");
const UTF8_STRING = 0x0c;
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/** pkijs signs with WebCrypto keys alone; what it would sign is asked of it here. */
class UnsignedRequest extends CertificationRequest {
  get info(): Uint8Array {
    return new Uint8Array(this.encodeTBS().toBER());
  }
}

/** A PKCS #10 request (RFC 2986) for a delegated OCSP signer (RFC 6960 4.2.2.2), in DER. */
export async function signerRequest(plan: SignerRequest): Promise<Uint8Array> {
  const { identifier, family } = SIGNATURE_ALGORITHMS[plan.algorithm];
  const spki = plan.publicKey.export({ type: "spki", format: "der" });
  const extensions = new Extensions({ extensions: requestedOfSigner() });
  const { info } = new UnsignedRequest({
    version: 0,
    subject: subjectName(plan),
    subjectPublicKeyInfo: new PublicKeyInfo({ schema: fromBER(spki).result }),
    attributes: [new Attribute({ type: EXTENSION_REQUEST, values: [extensions.toSchema()] })],
  });
  const fixed = await plan.sign(info);
  return sequence(info, identifier, bitString(family === "ecdsa" ? ecdsaDer(fixed) : fixed));
}

function ecdsaDer(fixed: Uint8Array): Uint8Array {
  const der = Buffer.alloc(ecdsaSignatureSize(fixed));
  writeEcdsaSignature(der, 0, fixed);
  return der;
}

function subjectName({ commonName, issuerName }: SignerRequest): RelativeDistinguishedNames {
  const text = Buffer.from(commonName.normalize("NFC"), "utf8");
  const own = element(Tag.set, sequence(COMMON_NAME, element(UTF8_STRING, text)));
  const name = sequence(...otherNames(issuerName), own);
  return new RelativeDistinguishedNames({ valueBeforeDecode: Uint8Array.from(name).buffer });
}

/** The parts of a Name that are no commonName. */
function otherNames(name: Uint8Array): Uint8Array[] {
  const reader = new DerReader(name, "Name");
  reader.open(Tag.sequence);
  const parts: Uint8Array[] = [];
  while (!reader.atEnd) {
    const part = reader.element(Tag.set);
    if (!Buffer.from(part).includes(COMMON_NAME)) parts.push(part);
  }
  return parts;
}
