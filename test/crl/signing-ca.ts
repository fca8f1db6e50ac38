import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { CRLBuffer } from "../../src/crl/crl-buffer.ts";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import type { RevokedEntry } from "../../src/crl/entry.ts";
import { OIDS } from "../../src/der/oids.ts";
import { contextTag, DerReader, Tag } from "../../src/der/reader.ts";
import { NULL, sequence } from "../../src/der/writer.ts";
import { parseSerialNumber, type SerialNumber } from "../../src/x509/serial-number.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";

/** A CA that `openssl` made, ready to sign CRLs of ours. */
export interface SigningCA {
  readonly pki: Pki;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly fields: CRLFields;
}

const signatureAlgorithms = {
  ec: sequence(OIDS.ecdsaWithSHA256),
  rsa: sequence(OIDS.sha256WithRSAEncryption, NULL),
};

/** Makes a CA; its CRLs are of now, for a day. */
export function makeSigningCA(algorithm: "ec" | "rsa"): SigningCA {
  const pki = makePki({ algorithm });
  const certificate = new X509Certificate(readFileSync(pki.caCertificate));
  const thisUpdate = Math.floor(Date.now() / 1000) - 60;
  const fields: CRLFields = {
    signatureAlgorithm: signatureAlgorithms[algorithm],
    issuer: issuerOf(certificate.raw),
    thisUpdate,
    nextUpdate: thisUpdate + 86_400,
    authorityKeyIdentifier: subjectKeyIdentifier(pki.caCertificate),
    crlNumber: BigInt(thisUpdate) * 1000n,
    expiredCertsOnCRL: undefined,
  };
  const privateKey = createPrivateKey(readFileSync(pki.caKey));
  return { pki, publicKey: certificate.publicKey, privateKey, fields };
}

/** A whole CRL of ours, signed with SHA-256. */
export function signCRL(
  privateKey: KeyObject,
  fields: CRLFields,
  entries: Iterable<RevokedEntry>,
): Uint8Array {
  const buffer = bufferOf(fields, entries);
  const tbs = buffer.tbsCertList();
  return buffer.certificateList(tbs, sign("sha256", tbs, privateKey));
}

/** A CRL with its entries, not yet signed. */
export function bufferOf(fields: CRLFields, entries: Iterable<RevokedEntry>): CRLBuffer {
  const all = [...entries];
  const buffer = new CRLBuffer(fields, all.length);
  for (const entry of all) buffer.add(entry);
  return buffer;
}

/** A serial number that must be one. */
export function serial(text: string): SerialNumber {
  const serialNumber = parseSerialNumber(text);
  if (!serialNumber) throw new Error(`${text} is no serial number`);
  return serialNumber;
}

function issuerOf(certificate: Uint8Array): Uint8Array {
  const reader = new DerReader(certificate, "Certificate");
  reader.open(Tag.sequence);
  reader.open(Tag.sequence);
  reader.content(contextTag(0));
  reader.integer();
  reader.content(Tag.sequence);
  return reader.element(Tag.sequence);
}

function subjectKeyIdentifier(certificate: string): Uint8Array {
  const asked = ["x509", "-in", certificate, "-noout", "-ext", "subjectKeyIdentifier"];
  const text = mustRun("openssl", asked).split("\n")[1] ?? "";
  return Buffer.from(text.replaceAll(":", "").trim(), "hex");
}
