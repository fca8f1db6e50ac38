import { OIDS } from "../der/oids.ts";
import { contextTag, Tag } from "../der/reader.ts";
import { generalizedTime } from "../der/time.ts";
import { bitString, element, NULL, sequence } from "../der/writer.ts";
import { ecdsaSignatureSize, writeEcdsaSignature } from "./ecdsa-signature.ts";
import { type CertRecord, reasonOf } from "./record.ts";
import type { CertID } from "./request.ts";
import { encodeCertID } from "./request-encoder.ts";
import { type AnswerTemplate, archiveCutoff } from "./template.ts";

/** How much is known of a certificate: its record, that it was never issued, or nothing. */
export const KNOWLEDGE = ["recorded", "unissued", "unknown"] as const;
export type Knowledge = (typeof KNOWLEDGE)[number];

/** What a live answer says of one certificate. */
export interface LiveSingle {
  readonly certID: CertID;
  readonly knowledge: Knowledge;
  /** Its status and times; of what is unknown, the times alone. All of one answer have one producedAt. */
  readonly record: CertRecord;
}

/** What a live answer says. */
export interface LiveContent {
  readonly singles: readonly [LiveSingle, ...LiveSingle[]];
  /** The content of the nonce's extnValue. */
  readonly nonce: Uint8Array | undefined;
}

/** What goes round every answer of a signer. */
type Frame = Omit<AnswerTemplate, "certIDHead">;

/** The ResponseData (RFC 6960 4.2.1) that is to be signed. */
export function assembleLiveTbs(template: Frame, content: LiveContent): Buffer {
  const { singles } = content;
  return sequence(
    template.responderID,
    generalizedTime(singles[0].record.producedAt),
    sequence(...singles.map((single) => singleResponse(template, single))),
    ...responseExtensions(content),
  );
}

/** The OCSPResponse (RFC 6960 4.2.1) of signed ResponseData; `signature` as `signOctets` gives it. */
export function assembleLiveResponse(
  template: Frame,
  tbsResponseData: Uint8Array,
  signature: Uint8Array,
): Buffer {
  const basic = sequence(
    tbsResponseData,
    template.signatureAlgorithm,
    bitString(template.ecdsa ? ecdsaSignature(signature) : signature),
    template.certs,
  );
  const bytes = sequence(OIDS.ocspBasic, element(Tag.octetString, basic));
  return sequence(element(Tag.enumerated, Buffer.of(0)), element(contextTag(0), bytes));
}

function ecdsaSignature(signature: Uint8Array): Buffer {
  const der = Buffer.alloc(ecdsaSignatureSize(signature));
  writeEcdsaSignature(der, 0, signature);
  return der;
}

function singleResponse(template: Frame, { certID, knowledge, record }: LiveSingle): Buffer {
  const { thisUpdate, nextUpdate } = record;
  return sequence(
    encodeCertID(certID),
    knowledge === "unknown" ? element(0x82) : certStatus(record),
    generalizedTime(thisUpdate),
    element(contextTag(0), generalizedTime(nextUpdate)),
    ...singleExtensions(template, record),
  );
}

function certStatus(record: CertRecord): Buffer {
  if (record.status === "good") return element(0x80);
  const reason = reasonOf(record);
  // unspecified is said by leaving the reason out, as in CRLs (RFC 5280 5.3.1).
  const parts =
    reason === 0 ? [] : [element(contextTag(0), element(Tag.enumerated, Buffer.of(reason)))];
  return element(contextTag(1), generalizedTime(record.revocationDate), ...parts);
}

function singleExtensions(template: Frame, { notAfter, producedAt }: CertRecord): Buffer[] {
  const cutoff = archiveCutoff(template.archive, template.issuerNotBefore, notAfter, producedAt);
  if (cutoff === undefined) return [];
  return extensions(sequence(OIDS.ocspArchiveCutoff, octetString(generalizedTime(cutoff))));
}

/** A nonce as it came (RFC 9654 2.1); extended-revoke where it has to be (RFC 6960 4.4.8). */
function responseExtensions({ singles, nonce }: LiveContent): Buffer[] {
  const isExtended = singles.some(({ knowledge }) => knowledge === "unissued");
  return extensions(
    ...(nonce ? [sequence(OIDS.ocspNonce, octetString(nonce))] : []),
    ...(isExtended ? [sequence(OIDS.ocspExtendedRevoke, octetString(NULL))] : []),
  );
}

/** `[1] EXPLICIT Extensions`, or nothing: an empty list is none (RFC 5280 4.1). */
function extensions(...list: Buffer[]): Buffer[] {
  return list.length === 0 ? [] : [element(contextTag(1), sequence(...list))];
}

function octetString(octets: Uint8Array): Buffer {
  return element(Tag.octetString, octets);
}
