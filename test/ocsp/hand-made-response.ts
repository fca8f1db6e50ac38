import { OIDS } from "../../src/der/oids.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { bitString, element, NULL, sequence } from "../../src/der/writer.ts";

/*
 * OCSP responses put together from their ASN.1 (RFC 6960 4.2.1) part by part, with any part exchanged:
 * what our encoder writes must equal them, and what our decoder must refuse is made with them.
 */

/** A SingleResponse; times are the text of a GeneralizedTime. */
export interface HandMadeSingle {
  readonly hashAlgorithm: Uint8Array;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialNumber: Uint8Array;
  /** CertStatus whole. */
  readonly certStatus: Uint8Array;
  readonly thisUpdate: string;
  readonly nextUpdate?: string | undefined;
  /** singleExtensions whole. */
  readonly extensions?: Uint8Array;
}

/** An OCSPResponse; what is left out is not written. */
export interface HandMadeResponse {
  readonly responseStatus?: number;
  readonly responseType?: Uint8Array;
  readonly version?: Uint8Array;
  /** ResponderID whole. */
  readonly responderID: Uint8Array;
  readonly producedAt: string;
  readonly responses: readonly Uint8Array[];
  /** responseExtensions whole. */
  readonly extensions?: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** certs whole. */
  readonly certs?: Uint8Array;
}

const NOTHING = new Uint8Array();

export function explicit(number: number, ...parts: Uint8Array[]): Buffer {
  return element(contextTag(number), ...parts);
}

export function octetString(octets: Uint8Array): Buffer {
  return element(Tag.octetString, octets);
}

export function time(text: string): Buffer {
  return element(Tag.generalizedTime, Buffer.from(text));
}

/** `[number] EXPLICIT Extensions` of these, none critical. */
export function extensions(number: number, ...list: readonly [Uint8Array, Uint8Array][]): Buffer {
  return explicit(
    number,
    sequence(...list.map(([oid, value]) => sequence(oid, octetString(value)))),
  );
}

export const GOOD: Uint8Array = Uint8Array.of(0x80, 0);
export const UNKNOWN: Uint8Array = Uint8Array.of(0x82, 0);

/** RevokedInfo, with the reason as it is given. */
export function revoked(revocationTime: string, reason?: number): Buffer {
  const written =
    reason === undefined ? NOTHING : explicit(0, element(Tag.enumerated, Buffer.of(reason)));
  return explicit(1, time(revocationTime), written);
}

export function singleResponse(made: HandMadeSingle): Buffer {
  return sequence(
    sequence(
      made.hashAlgorithm,
      octetString(made.issuerNameHash),
      octetString(made.issuerKeyHash),
      element(Tag.integer, made.serialNumber),
    ),
    made.certStatus,
    time(made.thisUpdate),
    made.nextUpdate === undefined ? NOTHING : explicit(0, time(made.nextUpdate)),
    made.extensions ?? NOTHING,
  );
}

export function responseData(made: HandMadeResponse): Buffer {
  return sequence(
    made.version ?? NOTHING,
    made.responderID,
    time(made.producedAt),
    sequence(...made.responses),
    made.extensions ?? NOTHING,
  );
}

export function ocspResponse(made: HandMadeResponse): Buffer {
  const basic = sequence(
    responseData(made),
    made.signatureAlgorithm,
    bitString(made.signature),
    made.certs ?? NOTHING,
  );
  return sequence(
    element(Tag.enumerated, Buffer.of(made.responseStatus ?? 0)),
    explicit(0, sequence(made.responseType ?? OIDS.ocspBasic, octetString(basic))),
  );
}

export const SHA1: Uint8Array = sequence(OIDS.sha1, NULL);
export const SHA256: Uint8Array = sequence(OIDS.sha256, NULL);
export const ECDSA: Uint8Array = sequence(OIDS.ecdsaWithSHA256);
export const RSA: Uint8Array = sequence(OIDS.sha256WithRSAEncryption, NULL);
