import { rfc3339, type UnixSeconds } from "../der/time.ts";
import type { CRLSummary } from "./certificate-list-stream.ts";

/** What is kept of an imported CRL that is in force, for the next one to be held against. */
export interface ForeignCRL {
  /** Decimal; null of a CRL without one. */
  readonly crlNumber: string | null;
  readonly thisUpdate: UnixSeconds;
  readonly nextUpdate: UnixSeconds;
  /** Its issuingDistributionPoint as JSON, "" without one: CRLs of one scope have the same. */
  readonly scope: string;
  /** Of its DER, lower-case hexadecimal. */
  readonly sha256: string;
  readonly entries: number;
}

/** The imported CRLs in force of an issuer: a full one, and the newest delta that was applied to it. */
export interface HeldCRLs {
  readonly full: ForeignCRL;
  readonly delta: ForeignCRL | null;
}

/** What a CRL of another's making is held against. */
export interface ForeignContext {
  readonly held: HeldCRLs | undefined;
  /** The CRL's URL by the configuration. */
  readonly url: string | undefined;
  readonly now: UnixSeconds;
  /**
   * `status`: what it does not list will count as good, so it has to cover everything; `published`: it is handed
   * on as the issuer's CRL; `entries`: only what it lists counts, and any that was ever true will do.
   */
  readonly use: "status" | "published" | "entries";
}

/** The machines' clocks may differ by this much. */
const CLOCK_SKEW_SECONDS = 300;

type Rule = (crl: CRLSummary, context: ForeignContext) => string | undefined;

const RULES: readonly Rule[] = [
  ofWholeScope,
  withoutUnknownCritical,
  atItsURL,
  inItsTime,
  asDelta,
  ofSameScope,
  notBackInTime,
  inSequence,
];

/**
 * Why a CRL that this CA made is not to be used, in the operator's words, or nothing where it is:
 * RFC 5280 6.3.3 as far as it concerns the CRL, and never back to an older one. The first reason counts.
 */
export function foreignCRLFault(crl: CRLSummary, context: ForeignContext): string | undefined {
  for (const rule of RULES) {
    const fault = rule(crl, context);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The scope of a CRL as `ForeignCRL` keeps it. */
export function scopeText({ issuingDistributionPoint }: CRLSummary): string {
  return issuingDistributionPoint ? JSON.stringify(issuingDistributionPoint) : "";
}

function withoutUnknownCritical({ unknownCriticalExtensions }: CRLSummary): string | undefined {
  if (unknownCriticalExtensions.length === 0) return undefined;
  const oids = unknownCriticalExtensions.join(", ");
  return `it has critical extensions that are not known here (${oids}), and must not be relied on (RFC 5280 5.2)`;
}

function ofWholeScope({ issuingDistributionPoint: point }: CRLSummary, { use }: ForeignContext) {
  if (!point) return undefined;
  if (point.isIndirect) return "it is an indirect CRL, with entries of other issuers";
  if (point.onlyContainsAttributeCerts) return "it is about attribute certificates";
  if (use !== "status") return undefined;
  if (point.hasOnlySomeReasons) {
    return "it covers some revocation reasons only (onlySomeReasons): what it leaves out would count as good";
  }
  if (point.onlyContainsUserCerts || point.onlyContainsCACerts) {
    const covered = point.onlyContainsUserCerts ? "users'" : "CAs'";
    return `it covers ${covered} certificates only: what it leaves out would count as good`;
  }
  return undefined;
}

function atItsURL({ issuingDistributionPoint: point }: CRLSummary, { url, use }: ForeignContext) {
  if (!point || point.uris.length === 0 || url === undefined || use === "entries") return undefined;
  if (point.uris.includes(url)) return undefined;
  return `it is of ${point.uris.join(", ")} (issuingDistributionPoint), and crl.url is ${url}`;
}

function inItsTime({ thisUpdate, nextUpdate }: CRLSummary, { now, use }: ForeignContext) {
  if (thisUpdate > now + CLOCK_SKEW_SECONDS) {
    return `its thisUpdate ${rfc3339(thisUpdate)} lies ahead (it is ${rfc3339(now)} here)`;
  }
  if (nextUpdate <= thisUpdate) return "its nextUpdate is not after its thisUpdate";
  if (nextUpdate > now || use === "entries") return undefined;
  return `it expired at ${rfc3339(nextUpdate)}: get a newer one from the CA`;
}

/** RFC 5280 5.2.4: which full CRL a delta may be combined with. */
function asDelta(crl: CRLSummary, { held, use }: ForeignContext): string | undefined {
  const { baseCRLNumber: base, crlNumber } = crl;
  if (base === undefined) return undefined;
  if (use === "entries")
    return "it is a delta CRL, and counts only together with imported full ones";
  if (crlNumber === undefined) return "it is a delta CRL without CRLNumber";
  if (!held) return `it is a delta to CRL ${base}: import that full CRL, or a later one, first`;
  const { crlNumber: full } = held.full;
  if (full === null || BigInt(full) < base) {
    const has = full === null ? "has no number" : `is ${full}`;
    return `it is a delta to CRL ${base}, and the full CRL held here ${has}: import ${base} or a later one first`;
  }
  if (crlNumber <= BigInt(full))
    return `its number ${crlNumber} is not above the full CRL's, ${full}`;
  return undefined;
}

/** The CRL that this one follows: a delta the delta before it. */
function before({ baseCRLNumber }: CRLSummary, { full, delta }: HeldCRLs): ForeignCRL {
  return baseCRLNumber === undefined ? full : (delta ?? full);
}

/** A CA may begin to name its URL, move it, or leave it out: that of the configuration, and none, mean all. */
function ofSameScope(crl: CRLSummary, { held, use, url }: ForeignContext): string | undefined {
  if (!held || use === "entries" || scopeText(crl) === held.full.scope) return undefined;
  const { issuingDistributionPoint: point, baseCRLNumber: base } = crl;
  if (base !== undefined) {
    return "its issuingDistributionPoint is another than that of the full CRL held here: it is a delta to another one";
  }
  if (!point || (url !== undefined && point.uris.includes(url))) return undefined;
  return "its issuingDistributionPoint is another than that of the CRL held here: it may cover something else; if it covers all, name its URL in crl.url";
}

function notBackInTime(crl: CRLSummary, { held, use }: ForeignContext): string | undefined {
  if (!held || use === "entries") return undefined;
  const { thisUpdate } = before(crl, held);
  if (crl.thisUpdate >= thisUpdate) return undefined;
  const here = rfc3339(thisUpdate);
  return `its thisUpdate ${rfc3339(crl.thisUpdate)} is before that of the CRL held here, ${here}: it is an older one`;
}

/** Of CRLs without numbers time alone tells the order. */
function inSequence(crl: CRLSummary, { held, use }: ForeignContext): string | undefined {
  if (!held || use === "entries") return undefined;
  const { crlNumber, thisUpdate } = before(crl, held);
  if (crlNumber !== null) return numberFault(crl, crlNumber) ?? belowDelta(crl, held);
  if (crl.thisUpdate > thisUpdate) return undefined;
  return "it is another CRL with the thisUpdate of the one held here";
}

function numberFault({ crlNumber }: CRLSummary, held: string): string | undefined {
  if (crlNumber === undefined) return `it has no CRLNumber, and the one held here is ${held}`;
  if (crlNumber > BigInt(held)) return undefined;
  return crlNumber === BigInt(held)
    ? `it is another CRL with the number of the one held here, ${held}`
    : `its number ${crlNumber} goes back behind ${held}, which is held here: it is an older one`;
}

function belowDelta({ crlNumber = 0n }: CRLSummary, { delta }: HeldCRLs): string | undefined {
  const applied = delta?.crlNumber ?? null;
  if (applied === null || crlNumber >= BigInt(applied)) return undefined;
  return `its number ${crlNumber} is below that of the delta applied here, ${applied}: it is an older one`;
}
