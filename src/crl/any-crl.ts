import type { LenientReader } from "../der/lenient-reader.ts";
import { type ReadTime, readAnyTime } from "../der/lenient-time.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../x509/algorithm-identifier.ts";
import { type AnyExtension, readExtensionList } from "../x509/extension-list.ts";

/** A CRL (RFC 5280 5.1) of whatever CA, but for its entries, which are walked one by one. */
export interface AnyCRL {
  /** The TBSCertList whole: what the signature is over. */
  readonly tbsCertList: Uint8Array;
  /** The INTEGER plus one; 1 where it is absent. */
  readonly version: number;
  /** The signed one; `signatureAlgorithm` beside it has to be the same. */
  readonly signature: AlgorithmIdentifier;
  readonly issuer: Uint8Array;
  readonly thisUpdate: ReadTime;
  readonly nextUpdate: ReadTime | undefined;
  /** The content of revokedCertificates; nothing where it is absent. */
  readonly revokedCertificates: Uint8Array | undefined;
  readonly crlExtensions: readonly AnyExtension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signatureValue: Uint8Array;
}

/** Reads a CRL without its entries. Flaws of the encoding go to the reader's list; what cannot be read is a `DerError`. */
export function readAnyCRL(reader: LenientReader): AnyCRL {
  const crl = reader.inside(Tag.sequence, () => {
    const tbsCertList = reader.element(Tag.sequence);
    return {
      tbsCertList,
      ...readTbs(reader.nested(tbsCertList, "TBSCertList")),
      signatureAlgorithm: readAlgorithm(reader),
      signatureValue: reader.bitString(),
    };
  });
  reader.end();
  return crl;
}

type TBSCertList = Omit<AnyCRL, "tbsCertList" | "signatureAlgorithm" | "signatureValue">;

function readTbs(reader: LenientReader): TBSCertList {
  return reader.inside(Tag.sequence, () => ({
    version: readVersion(reader),
    signature: readAlgorithm(reader),
    issuer: reader.element(Tag.sequence),
    thisUpdate: readAnyTime(reader, "x509"),
    nextUpdate: isTime(reader.peek()) ? readAnyTime(reader, "x509") : undefined,
    revokedCertificates: reader.peek() === Tag.sequence ? reader.content(Tag.sequence) : undefined,
    crlExtensions: reader.optional(contextTag(0), () => readExtensionList(reader)) ?? [],
  }));
}

/** Where a version stands, it is v2 (RFC 5280 5.1.2.1). */
function readVersion(reader: LenientReader): number {
  if (reader.peek() !== Tag.integer) return 1;
  const where = reader.place;
  const version = reader.smallInteger() + 1;
  if (version === 1) {
    const problem = "not DER: v1 is the default and is left out";
    reader.note({ where, problem, rule: "RFC 5280 5.1.2.1", weight: "error" });
  }
  return version;
}

function isTime(tag: number): boolean {
  return tag === Tag.utcTime || tag === Tag.generalizedTime;
}
