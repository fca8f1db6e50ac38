import type { LenientReader } from "../der/lenient-reader.ts";
import { type ReadTime, readAnyTime } from "../der/lenient-time.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../x509/algorithm-identifier.ts";
import { type AnyExtension, readExtensionList } from "../x509/extension-list.ts";
import { type AnyCertID, readAnyCertID } from "./any-cert-id.ts";
import { readAnyVersion } from "./any-version.ts";

/** An OCSPResponse (RFC 6960 4.2.1) of whatever responder. */
export interface AnyResponse {
  readonly responseStatus: number;
  /** Dotted; nothing without responseBytes. */
  readonly responseType: string | undefined;
  /** Nothing where the response type is another. */
  readonly basic: BasicOCSPResponse | undefined;
}

export interface BasicOCSPResponse {
  /** The ResponseData whole: what the signature is over. */
  readonly tbsResponseData: Uint8Array;
  readonly responderID: ResponderID;
  readonly producedAt: ReadTime;
  readonly responses: readonly SingleResponse[];
  readonly responseExtensions: readonly AnyExtension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Certificates whole; nothing where the field is absent. */
  readonly certs: readonly Uint8Array[] | undefined;
}

export type ResponderID = { readonly byName: Uint8Array } | { readonly byKey: Uint8Array };

export interface SingleResponse {
  readonly certID: AnyCertID;
  readonly certStatus: "good" | "revoked" | "unknown";
  readonly revocationTime: ReadTime | undefined;
  readonly revocationReason: number | undefined;
  readonly thisUpdate: ReadTime;
  readonly nextUpdate: ReadTime | undefined;
  readonly singleExtensions: readonly AnyExtension[];
}

const SUCCESSFUL = 0;
const BASIC = "1.3.6.1.5.5.7.48.1.1";

/** Reads an answer. Flaws of the encoding go to the reader's list; what cannot be read is a `DerError`. */
export function readAnyResponse(reader: LenientReader): AnyResponse {
  const response = reader.inside(Tag.sequence, () => {
    const responseStatus = reader.smallInteger(Tag.enumerated);
    const bytes = reader.optional(contextTag(0), () =>
      reader.inside(Tag.sequence, () => ({
        responseType: reader.oid(),
        response: reader.content(Tag.octetString),
      })),
    );
    return { responseStatus, bytes };
  });
  reader.end();
  const { responseStatus, bytes } = response;
  const isBasic = responseStatus === SUCCESSFUL && bytes?.responseType === BASIC;
  return {
    responseStatus,
    responseType: bytes?.responseType,
    basic: isBasic ? readBasic(reader.nested(bytes.response, "BasicOCSPResponse")) : undefined,
  };
}

function readBasic(reader: LenientReader): BasicOCSPResponse {
  const basic = reader.inside(Tag.sequence, () => {
    const tbsResponseData = reader.element(Tag.sequence);
    return {
      tbsResponseData,
      ...readResponseData(reader.nested(tbsResponseData, "ResponseData")),
      signatureAlgorithm: readAlgorithm(reader),
      signature: reader.bitString(),
      certs: reader.optional(contextTag(0), () =>
        reader.list(Tag.sequence, () => reader.element()),
      ),
    };
  });
  reader.end();
  return basic;
}

type ResponseData = Pick<
  BasicOCSPResponse,
  "responderID" | "producedAt" | "responses" | "responseExtensions"
>;

function readResponseData(reader: LenientReader): ResponseData {
  return reader.inside(Tag.sequence, () => {
    readAnyVersion(reader);
    return {
      responderID: readResponderID(reader),
      producedAt: readAnyTime(reader, "generalized"),
      responses: reader.list(Tag.sequence, () => readSingle(reader)),
      responseExtensions: reader.optional(contextTag(1), () => readExtensionList(reader)) ?? [],
    };
  });
}

function readResponderID(reader: LenientReader): ResponderID {
  const byName = reader.optional(contextTag(1), () => reader.element(Tag.sequence));
  if (byName) return { byName };
  return { byKey: reader.inside(contextTag(2), () => reader.content(Tag.octetString)) };
}

function readSingle(reader: LenientReader): SingleResponse {
  return reader.inside(Tag.sequence, () => ({
    certID: readAnyCertID(reader),
    ...readCertStatus(reader),
    thisUpdate: readAnyTime(reader, "generalized"),
    nextUpdate: reader.optional(contextTag(0), () => readAnyTime(reader, "generalized")),
    singleExtensions: reader.optional(contextTag(1), () => readExtensionList(reader)) ?? [],
  }));
}

const GOOD = 0x80;
const UNKNOWN = 0x82;

type Status = Pick<SingleResponse, "certStatus" | "revocationTime" | "revocationReason">;

function readCertStatus(reader: LenientReader): Status {
  const revoked = reader.optional(contextTag(1), () => ({
    revocationTime: readAnyTime(reader, "generalized"),
    revocationReason: reader.optional(contextTag(0), () => reader.smallInteger(Tag.enumerated)),
  }));
  if (revoked) return { certStatus: "revoked", ...revoked };
  const certStatus = reader.peek() === UNKNOWN ? "unknown" : "good";
  reader.content(certStatus === "good" ? GOOD : UNKNOWN);
  return { certStatus, revocationTime: undefined, revocationReason: undefined };
}
