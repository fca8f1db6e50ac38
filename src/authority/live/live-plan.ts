import { sameOctets } from "../../der/oids.ts";
import type { UnixSeconds } from "../../der/time.ts";
import { answerTimes } from "../../ocsp/answer-times.ts";
import { type Answering, answeringIssuer } from "../../ocsp/answering-issuer.ts";
import type { LiveContent, LiveSingle } from "../../ocsp/live-answer.ts";
import type { LiveRefusal } from "../../ocsp/live-reply.ts";
import { type CertRecord, decodeRecord } from "../../ocsp/record.ts";
import type { CertID, OCSPRequest } from "../../ocsp/request.ts";
import { isForgotten } from "../../ocsp/template.ts";
import { recordKey } from "../../store/keys.ts";
import type { StoreReader } from "../../store/store.ts";
import { activeSigner, answersEndBefore, type Issuer, type IssuerSigner } from "../issuer.ts";
import type { UnderWay } from "../under-way.ts";

/** What live answers are made from; nothing here changes a status. */
export interface LiveSources {
  readonly store: Pick<StoreReader, "get" | "refresh">;
  readonly issuers: () => readonly Issuer[];
  /** The earliest thisUpdate that an answer of this issuer, by its number, may have. */
  readonly floor: (issuer: number) => UnixSeconds;
  readonly underWay: Pick<UnderWay, "thisUpdate">;
}

/** A live answer that is to be signed. */
export interface LivePlan {
  readonly issuer: Issuer;
  readonly signer: IssuerSigner;
  readonly content: LiveContent;
}

/** So many seconds have to pass before the times of the answer can be right. */
export interface Wait {
  readonly seconds: number;
}

/** Who answers a request: the same rule as responders have. */
function whoAnswers(
  { store, issuers }: LiveSources,
  request: OCSPRequest,
  now: UnixSeconds,
): Answering<Issuer, CertRecord> | undefined {
  const all = issuers();
  return answeringIssuer(
    request.certIDs,
    (certID) => all.find((issuer) => isNamed(issuer, certID)),
    (issuer, { serialNumber }) => {
      const octets = store.get("records", recordKey(issuer.number, serialNumber));
      const record = octets && decodeRecord(octets);
      return record && isForgotten(issuer.config.ocsp.archive, record.notAfter, now)
        ? undefined
        : record;
    },
  );
}

/**
 * The issuer whose turn a request waits for, without looking into the store where it has one CertID: all are
 * looked up when they are planned.
 */
export function issuerToAsk(
  sources: LiveSources,
  request: OCSPRequest,
  now: UnixSeconds,
): Issuer | undefined {
  const [first, ...others] = request.certIDs;
  if (others.length > 0) return whoAnswers(sources, request, now)?.issuer;
  return sources.issuers().find((issuer) => isNamed(issuer, first));
}

function isNamed({ parts }: Issuer, certID: CertID): boolean {
  const { hash, issuerNameHash, issuerKeyHash } = certID;
  if (!hash) return false;
  return (
    sameOctets(parts.nameHash[hash], issuerNameHash) &&
    sameOctets(parts.keyHash[hash], issuerKeyHash)
  );
}

/**
 * What the answer to a request has to say at `now`, by the store: of certificates of other issuers, and of
 * those that were never issued, that they are unknown, or what the issuer's policy is (RFC 6960 2.2).
 */
export function planLive(
  sources: LiveSources,
  request: OCSPRequest,
  now: UnixSeconds,
): LivePlan | Wait | LiveRefusal {
  sources.store.refresh();
  const answering = whoAnswers(sources, request, now);
  if (!answering) return "unauthorized";
  const { issuer, known } = answering;
  const isKnown = known.some((record) => record !== undefined);
  if (!isKnown && mayNotSay(sources, issuer, request)) return "unauthorized";
  const signer = activeSigner(issuer, now);
  if (!signer) return "tryLater";
  const context = { sources, issuer, signer, now, isMixed: isKnown };
  const singles = request.certIDs.map((certID, i) => planSingle(context, certID, known[i]));
  const seconds = Math.max(...singles.map((single) => (typeof single === "number" ? single : 0)));
  if (seconds > 0) return { seconds };
  const [first, ...others] = singles as LiveSingle[];
  if (!first || first.record.nextUpdate <= now) return "tryLater";
  const nonce = issuer.config.ocsp.nonce === "live" ? request.nonce?.extnValue : undefined;
  return { issuer, signer, content: { singles: [first, ...others], nonce } };
}

/** Of what is not known: where the policy is to say nothing, or no status is kept of any of them. */
function mayNotSay({ store }: LiveSources, issuer: Issuer, { certIDs }: OCSPRequest): boolean {
  if (issuer.config.ocsp.unissued === "unauthorized") return true;
  return certIDs.every(
    (certID) => isNamed(issuer, certID) && !isNeverIssued(store, issuer, certID),
  );
}

interface Context {
  readonly sources: LiveSources;
  readonly issuer: Issuer;
  readonly signer: IssuerSigner;
  readonly now: UnixSeconds;
  /** Whether the issuer knows another of the certificates that are asked for. */
  readonly isMixed: boolean;
}

/** What is said of one certificate, or the seconds to wait before it can be said. */
function planSingle(
  context: Context,
  certID: CertID,
  known: CertRecord | undefined,
): LiveSingle | number {
  const times = liveTimes(context, certID, known);
  if (typeof times === "number") return times;
  const { sources, signer, issuer, isMixed } = context;
  const rest = { ...times, hashes: [], signer: signer.parts.number };
  if (known) return { certID, knowledge: "recorded", record: { ...known, ...rest } };
  // Beside a certificate that is known, one that is not is `unknown`, whatever the policy for it alone.
  const isExtended =
    !isMixed && issuer.config.ocsp.unissued === "revoked" && isNamed(issuer, certID);
  const knowledge =
    isExtended && isNeverIssued(sources.store, issuer, certID) ? "unissued" : "unknown";
  return { certID, knowledge, record: { ...STATUS_OF[knowledge], ...rest } };
}

/** Not known can also mean that its status is no longer kept. */
function isNeverIssued(
  store: LiveSources["store"],
  issuer: Issuer,
  { serialNumber }: CertID,
): boolean {
  return store.get("records", recordKey(issuer.number, serialNumber)) === undefined;
}

const NOTHING_KNOWN = {
  reason: 0,
  invalidityDate: undefined,
  notAfter: undefined,
  version: 0,
} as const;

const STATUS_OF = {
  /** RFC 6960 2.2: certificateHold since 1970-01-01. */
  unissued: { ...NOTHING_KNOWN, status: "hold", revocationDate: 0 },
  unknown: { ...NOTHING_KNOWN, status: "good", revocationDate: 0 },
} as const;

/**
 * The times of a live answer, by the rule of all answers (`answerTimes`). It may have the thisUpdate of the
 * record's own answer, which says the same; a record without one has only the time before which none may lie.
 * Where its own is being signed, this one only stands in for it, and is not later.
 */
function liveTimes(context: Context, certID: CertID, known: CertRecord | undefined) {
  const { sources, issuer, signer, now } = context;
  const { validitySeconds, backdateSeconds } = issuer.config.ocsp;
  const last = known ? known.thisUpdate - (known.hashes.length > 0 ? 1 : 0) : 0;
  const standsIn =
    known && !isAtHand(context, known)
      ? sources.underWay.thisUpdate(recordKey(issuer.number, certID.serialNumber))
      : undefined;
  return answerTimes({
    now,
    validitySeconds,
    backdateSeconds: standsIn === undefined ? backdateSeconds : now - standsIn,
    endsBefore: answersEndBefore(issuer, signer),
    changedAt: undefined,
    lastThisUpdate:
      standsIn === undefined ? Math.max(last, sources.floor(issuer.number) - 1) : last,
  });
}

/** Whether a record has an answer that is served. */
function isAtHand({ issuer, now }: Context, { hashes, nextUpdate, signer }: CertRecord): boolean {
  return hashes.length > 0 && nextUpdate > now && issuer.servedSigners.has(signer);
}
