import type { LenientReader } from "../der/lenient-reader.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../x509/algorithm-identifier.ts";
import { type AnyExtension, readExtensionList } from "../x509/extension-list.ts";
import { type AnyCertID, readAnyCertID } from "./any-cert-id.ts";
import { readAnyVersion } from "./any-version.ts";

/** An OCSPRequest (RFC 6960 4.1.1) of whatever client. */
export interface AnyRequest {
  /** A GeneralName, whole. */
  readonly requestorName: Uint8Array | undefined;
  readonly requestList: readonly AnySingleRequest[];
  readonly requestExtensions: readonly AnyExtension[];
  readonly optionalSignature: AnyRequestSignature | undefined;
}

export interface AnySingleRequest {
  readonly certID: AnyCertID;
  readonly singleRequestExtensions: readonly AnyExtension[];
}

export interface AnyRequestSignature {
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Certificates whole. */
  readonly certs: readonly Uint8Array[];
}

/** Reads a request. Flaws of the encoding go to the reader's list; what cannot be read is a `DerError`. */
export function readAnyRequest(reader: LenientReader): AnyRequest {
  const request = reader.inside(Tag.sequence, () => ({
    ...reader.inside(Tag.sequence, () => readTbsRequest(reader)),
    optionalSignature: reader.optional(contextTag(0), () =>
      reader.inside(Tag.sequence, () => readSignature(reader)),
    ),
  }));
  reader.end();
  return request;
}

function readTbsRequest(reader: LenientReader): Omit<AnyRequest, "optionalSignature"> {
  readAnyVersion(reader);
  return {
    requestorName: reader.optional(contextTag(1), () => reader.element()),
    requestList: reader.list(Tag.sequence, () => readSingleRequest(reader)),
    requestExtensions: reader.optional(contextTag(2), () => readExtensionList(reader)) ?? [],
  };
}

function readSingleRequest(reader: LenientReader): AnySingleRequest {
  return reader.inside(Tag.sequence, () => ({
    certID: readAnyCertID(reader),
    singleRequestExtensions: reader.optional(contextTag(0), () => readExtensionList(reader)) ?? [],
  }));
}

function readSignature(reader: LenientReader): AnyRequestSignature {
  return {
    signatureAlgorithm: readAlgorithm(reader),
    signature: reader.bitString(),
    certs:
      reader.optional(contextTag(0), () => reader.list(Tag.sequence, () => reader.element())) ?? [],
  };
}
