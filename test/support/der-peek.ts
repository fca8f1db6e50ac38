/*
 * A reader of OCSP answers that shares no code with Vouch: just enough DER to look into them.
 * It trusts what it reads; verification is the business of real clients.
 */

interface Tlv {
  readonly tag: number;
  readonly content: Buffer;
}

/** One SingleResponse (RFC 6960 4.2.1). */
export interface PeekedStatus {
  /** The hash algorithm's object identifier, as hexadecimal content octets. */
  readonly hash: string;
  /** Whether the hash algorithm's parameters are written as NULL. */
  readonly hashNull: boolean;
  /** As Vouch writes it. */
  readonly serialNumber: string;
  readonly certStatus: "good" | "revoked" | "unknown";
  readonly revocationTime: Date | undefined;
  readonly reason: number | undefined;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** An OCSPResponse; what follows `responseStatus` is there when that is successful. */
interface PeekedAnswer {
  readonly responseStatus: string;
  readonly single: readonly PeekedStatus[];
  readonly producedAt: Date | undefined;
  readonly byKey: boolean;
  readonly certificates: number;
  /** responseExtensions, such as a nonce's echo. */
  readonly extensions: number;
  /** The content of the nonce's extnValue, in hexadecimal. */
  readonly nonce: string | undefined;
}

const STATUSES = [
  "successful",
  "malformedRequest",
  "internalError",
  "tryLater",
  "4",
  "sigRequired",
];

/** Object identifiers of hash algorithms as they stand in a CertID. */
export const SHA1 = "2b0e03021a";
export const SHA256 = "608648016503040201";
export const SHA384 = "608648016503040202";

/** id-pkix-ocsp-nonce. */
const NONCE = "2b0601050507300102";

/** Looks into an OCSP answer. Throws when it is none. */
export function peekAnswer(octets: Buffer): PeekedAnswer {
  const [outer, ...trailing] = tlvs(octets);
  if (outer?.tag !== 0x30 || trailing.length > 0)
    throw new Error(`no OCSPResponse: ${hex(octets)}`);
  const [status, bytes] = tlvs(outer.content);
  if (status?.tag !== 0x0a) throw new Error(`no responseStatus: ${hex(octets)}`);
  const responseStatus = STATUSES[status.content[0] ?? 99] ?? "unauthorized";
  const none = {
    single: [],
    producedAt: undefined,
    byKey: false,
    certificates: 0,
    extensions: 0,
    nonce: undefined,
  };
  return bytes === undefined
    ? { responseStatus, ...none }
    : { responseStatus, ...peekBasic(at(at(bytes, 0), 1)) };
}

function peekBasic(response: Tlv): Omit<PeekedAnswer, "responseStatus"> {
  const [tbs, , , certificates] = tlvs(at(response, 0).content);
  if (tbs === undefined) throw new Error("no tbsResponseData");
  const [responderID, producedAt, responses, extensions] = tlvs(tbs.content);
  if (responses === undefined || producedAt === undefined)
    throw new Error("ResponseData too short");
  return {
    byKey: responderID?.tag === 0xa2,
    producedAt: time(producedAt),
    single: tlvs(responses.content).map(peekStatus),
    certificates: certificates === undefined ? 0 : tlvs(at(certificates, 0).content).length,
    extensions: extensions === undefined ? 0 : tlvs(at(extensions, 0).content).length,
    nonce: extensions && nonceIn(extensions),
  };
}

function nonceIn(extensions: Tlv): string | undefined {
  const found = tlvs(at(extensions, 0).content).find((one) => hex(at(one, 0).content) === NONCE);
  return found && hex(at(found, 1).content);
}

const CERT_STATUS = { 128: "good", 161: "revoked", 130: "unknown" } as const;

function peekStatus(single: Tlv): PeekedStatus {
  const [certID, status, thisUpdate, nextUpdate] = tlvs(single.content);
  if (certID === undefined || status === undefined || thisUpdate === undefined) {
    throw new Error("SingleResponse too short");
  }
  const certStatus = CERT_STATUS[status.tag as keyof typeof CERT_STATUS];
  if (certStatus === undefined) throw new Error(`certStatus with tag ${status.tag}`);
  const algorithm = tlvs(at(certID, 0).content);
  const revoked = certStatus === "revoked" ? tlvs(status.content) : [];
  return {
    hash: hex(algorithm[0]?.content),
    hashNull: algorithm[1]?.tag === 5,
    serialNumber: hex(at(certID, 3).content).replace(/^0+/, ""),
    certStatus,
    revocationTime: revoked[0] && time(revoked[0]),
    reason: revoked[1] && at(revoked[1], 0).content[0],
    thisUpdate: time(thisUpdate),
    nextUpdate: nextUpdate?.tag === 0xa0 ? time(at(nextUpdate, 0)) : undefined,
  };
}

function at(parent: Tlv, index: number): Tlv {
  const child = tlvs(parent.content)[index];
  if (child === undefined) throw new Error(`no element ${index} in ${hex(parent.content)}`);
  return child;
}

/** GeneralizedTime, in the one form that RFC 9919 3.2.4 allows. */
function time({ tag, content }: Tlv): Date {
  const text = content.toString("latin1");
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (tag !== 0x18 || parts === null) throw new Error(`no GeneralizedTime: ${tag} ${text}`);
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function hex(octets: Buffer | undefined): string {
  return octets?.toString("hex") ?? "";
}

function tlvs(octets: Buffer): Tlv[] {
  const found: Tlv[] = [];
  let offset = 0;
  while (offset < octets.length) {
    const tag = octets.readUInt8(offset);
    const first = octets.readUInt8(offset + 1);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const length = more === 0 ? first : octets.readUIntBE(offset + 2, more);
    const start = offset + 2 + more;
    if (start + length > octets.length)
      throw new Error(`DER too short at ${offset}: ${hex(octets)}`);
    found.push({ tag, content: octets.subarray(start, start + length) });
    offset = start + length;
  }
  return found;
}
