import type { LenientReader } from "../der/lenient-reader.ts";
import { type ReadTime, readAnyTime } from "../der/lenient-time.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "./algorithm-identifier.ts";
import { type AnyExtension, readExtensionList } from "./extension-list.ts";

/** A certificate (RFC 5280 4.1) of whatever CA. */
export interface AnyCertificate {
  /** The INTEGER plus one; 1 where it is absent. */
  readonly version: number;
  readonly serialNumber: Uint8Array;
  /** The signed one; `signatureAlgorithm` beside it has to be the same. */
  readonly signature: AlgorithmIdentifier;
  readonly issuer: Uint8Array;
  readonly notBefore: ReadTime;
  readonly notAfter: ReadTime;
  readonly subject: Uint8Array;
  /** The SubjectPublicKeyInfo whole. */
  readonly subjectPublicKeyInfo: Uint8Array;
  readonly keyAlgorithm: AlgorithmIdentifier;
  readonly subjectPublicKey: Uint8Array;
  readonly extensions: readonly AnyExtension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureOctets: number;
}

const ISSUER_UNIQUE_ID = 0x81;
const SUBJECT_UNIQUE_ID = 0x82;

/** Reads a certificate. Flaws of the encoding go to the reader's list; what cannot be read is a `DerError`. */
export function readAnyCertificate(reader: LenientReader): AnyCertificate {
  const certificate = reader.inside(Tag.sequence, () => ({
    ...reader.inside(Tag.sequence, () => readTbs(reader)),
    signatureAlgorithm: readAlgorithm(reader),
    signatureOctets: reader.bitString().length,
  }));
  reader.end();
  return certificate;
}

type TBSCertificate = Omit<AnyCertificate, "signatureAlgorithm" | "signatureOctets">;

function readTbs(reader: LenientReader): TBSCertificate {
  const version = reader.optional(contextTag(0), () => reader.smallInteger()) ?? 0;
  const head = {
    version: version + 1,
    serialNumber: reader.integer(),
    signature: readAlgorithm(reader),
    issuer: reader.element(Tag.sequence),
    ...reader.inside(Tag.sequence, () => ({
      notBefore: readAnyTime(reader, "x509"),
      notAfter: readAnyTime(reader, "x509"),
    })),
    subject: reader.element(Tag.sequence),
  };
  const subjectPublicKeyInfo = reader.element(Tag.sequence);
  const key = readKey(reader.nested(subjectPublicKeyInfo, "SubjectPublicKeyInfo"));
  for (const tag of [ISSUER_UNIQUE_ID, SUBJECT_UNIQUE_ID]) {
    if (reader.peek() === tag) reader.element();
  }
  const extensions = reader.optional(contextTag(3), () => readExtensionList(reader)) ?? [];
  return { ...head, subjectPublicKeyInfo, ...key, extensions };
}

function readKey(reader: LenientReader): Pick<AnyCertificate, "keyAlgorithm" | "subjectPublicKey"> {
  return reader.inside(Tag.sequence, () => ({
    keyAlgorithm: readAlgorithm(reader),
    subjectPublicKey: reader.bitString(),
  }));
}
