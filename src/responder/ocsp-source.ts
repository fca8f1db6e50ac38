import type { UnixSeconds } from "../der/time.ts";
import { assembleResponse } from "../ocsp/answer.ts";
import type { ErrorStatus } from "../ocsp/error-response.ts";
import {
  LONGEST_RECORD,
  type PresignedHash,
  recordNextUpdate,
  recordNotAfter,
  recordSigner,
  recordThisUpdate,
  signatureRange,
} from "../ocsp/record.ts";
import type { CertID, OCSPRequest } from "../ocsp/request.ts";
import { SingleRequest } from "../ocsp/single-request.ts";
import type { AnswerTemplate } from "../ocsp/template.ts";
import { statusEnds } from "../store/held-crls.ts";
import { RecordKeys } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { LONGEST_SERIAL_NUMBER, type SerialNumber } from "../x509/serial-number.ts";
import { type AnswerTimes, spreadOf } from "./cache-control.ts";
import type { AnsweringIssuer, Served } from "./served.ts";

/** Why a request gets no answer about a certificate. */
export type Refusal =
  | "malformed"
  | "criticalNonce"
  | "unknownIssuer"
  | "unknownCertificate"
  | "forgottenCertificate"
  | "notPresigned"
  | "unsigned"
  | "stale"
  | "noLiveAnswer";

/** What each refusal is to the outside; also its label in the metrics. */
export const REFUSAL_STATUS: Readonly<Record<Refusal, ErrorStatus>> = {
  malformed: "malformedRequest",
  // A critical extension that is not honoured must not get a successful answer (RFC 6960 4.4).
  criticalNonce: "malformedRequest",
  unknownIssuer: "unauthorized",
  unknownCertificate: "unauthorized",
  forgottenCertificate: "unauthorized",
  notPresigned: "tryLater",
  unsigned: "tryLater",
  stale: "tryLater",
  noLiveAnswer: "tryLater",
};

/** Where the store has no answer ready, and the authority may sign one. */
export const FOR_LIVE: ReadonlySet<unknown> = new Set<Refusal>([
  "notPresigned",
  "unsigned",
  "stale",
]);

/** A pre-signed answer, with what its HTTP head is made from. */
export interface SignedAnswer extends AnswerTimes {
  readonly result: "good" | "revoked";
  readonly der: Buffer;
  /** A strong validator: the signature is over all that differs. Quoted. */
  readonly etag: string;
  readonly issuer: AnsweringIssuer;
  /** From 0 to 1, the same for one certificate always. */
  readonly spread: number;
}

/** A record that was found, with the answer that it holds: good until the next is looked for. */
export interface FoundAnswer extends AnswerTimes {
  result: "good" | "revoked";
  thisUpdate: UnixSeconds;
  nextUpdate: UnixSeconds;
  issuer: AnsweringIssuer;
  template: AnswerTemplate;
  serialNumber: SerialNumber;
  record: Buffer;
  /** The fixed octets that the record keeps. */
  signature: Buffer;
}

/** How many octets that nobody can foresee tell one answer from another. */
export const ETAG_OCTETS = 16;

/** Answers OCSP requests from the store: one read of it, and no key. */
export class OcspSource {
  readonly #store: StoreReader;
  readonly #served: Served;
  readonly #record = Buffer.alloc(LONGEST_RECORD);
  readonly #keys = new RecordKeys(LONGEST_SERIAL_NUMBER);
  readonly #single = new SingleRequest();
  readonly #found: FoundAnswer;
  /** Views of the record's signatures by where they begin and end: there are few places. */
  readonly #signatures = new Map<number, Buffer>();
  /** Whether the store's snapshot is of this turn of the event loop. */
  #isFresh = false;
  /** When the status of each issuer's certificates ends, by its number, in that snapshot. */
  readonly #ends = new Map<number, UnixSeconds>();
  readonly #endTurn = (): void => {
    this.#isFresh = false;
  };

  constructor(store: StoreReader, served: Served) {
    this.#store = store;
    this.#served = served;
    this.#found = { record: this.#record } as FoundAnswer;
  }

  /** The answer to a request at `now`, as far as answers are there. Nonces are left out. */
  answer({ certIDs }: OCSPRequest, now: UnixSeconds): SignedAnswer | Refusal {
    const found = this.#findAsked(certIDs, now);
    return typeof found === "string" ? found : signedOf(found);
  }

  #findAsked(certIDs: OCSPRequest["certIDs"], now: UnixSeconds): FoundAnswer | Refusal {
    this.#beginTurn();
    if (certIDs.length > 1) return this.#several(certIDs);
    const [certID] = certIDs;
    const { hash, serialNumber } = certID;
    const issuer = this.#served.issuerOf(certID);
    if (!issuer) return "unknownIssuer";
    return this.#lookUp(issuer, hash, serialNumber, 0, serialNumber.length, now);
  }

  /**
   * What a request of the plain shape, from `start` to `end` of `octets`, finds; nothing where the octets
   * are of another shape. It makes no object: what it returns it returns again the next time.
   */
  find(
    octets: Uint8Array,
    start: number,
    end: number,
    now: UnixSeconds,
  ): FoundAnswer | Refusal | undefined {
    const single = this.#single;
    if (!single.read(octets, start, end)) return undefined;
    this.#beginTurn();
    const issuer = this.#served.issuerOfSingle(single);
    if (!issuer) return "unknownIssuer";
    return this.#lookUp(issuer, single.hash, octets, single.serialAt, end, now);
  }

  /** Several CertIDs cannot be answered from signatures over one each. */
  #several(certIDs: readonly CertID[]): Refusal {
    const known = certIDs.some((certID) => this.#served.issuerOf(certID));
    return known ? "notPresigned" : "unknownIssuer";
  }

  #lookUp(
    issuer: AnsweringIssuer,
    hash: CertID["hash"],
    octets: Uint8Array,
    serialAt: number,
    serialEnd: number,
    now: UnixSeconds,
  ): FoundAnswer | Refusal {
    const key = this.#keys.key(issuer.number, octets, serialAt, serialEnd);
    const length = key ? this.#store.copyInto("records", key, this.#record) : -1;
    if (!key || length < 0) return isUnissued(issuer);
    const record = this.#record;
    if (isForgotten(issuer, recordNotAfter(record), now)) return "forgottenCertificate";
    if (!isPresigned(hash)) return "notPresigned";
    const range = signatureRange(record, length, hash);
    const template = range && issuer.template(recordSigner(record), hash);
    if (!range || !template) return "unsigned";
    const found = this.#found;
    found.nextUpdate = recordNextUpdate(record);
    if (this.#isStale(issuer, found.nextUpdate, now)) return "stale";
    found.result = record[0] === 0 ? "good" : "revoked";
    found.thisUpdate = recordThisUpdate(record);
    found.issuer = issuer;
    found.template = template;
    found.serialNumber = this.#keys.serialNumber(key);
    found.signature = this.#signature(range.start, range.end);
    return found;
  }

  /** One snapshot a turn: what was asked for before it began cannot have heard of a later change. */
  #beginTurn(): void {
    if (this.#isFresh) return;
    this.#served.refreshIfLate();
    this.#store.refresh();
    this.#isFresh = true;
    // Each time it makes a table, and V8 keeps all of them for long (see `SmallTable`).
    if (this.#ends.size > 0) this.#ends.clear();
    setImmediate(this.#endTurn);
  }

  /** Past its nextUpdate (RFC 6960 2.4), whatever became of the sweep; or beyond the end of the CRL in force. */
  #isStale(issuer: AnsweringIssuer, nextUpdate: UnixSeconds, now: UnixSeconds): boolean {
    return nextUpdate <= now || (issuer.source === "crl" && nextUpdate > this.#endOf(issuer));
  }

  #endOf(issuer: AnsweringIssuer): UnixSeconds {
    const known = this.#ends.get(issuer.number);
    if (known !== undefined) return known;
    const end = statusEnds(this.#store, issuer);
    this.#ends.set(issuer.number, end);
    return end;
  }

  #signature(start: number, end: number): Buffer {
    const place = start * LONGEST_RECORD + end;
    const known = this.#signatures.get(place);
    if (known) return known;
    const view = this.#record.subarray(start, end);
    this.#signatures.set(place, view);
    return view;
  }
}

/** A copy of what was found, with its DER put together. */
export function signedOf(found: FoundAnswer): SignedAnswer {
  const { result, thisUpdate, nextUpdate, issuer, template, serialNumber, record, signature } =
    found;
  return {
    result,
    der: assembleResponse(template, serialNumber, record, signature),
    thisUpdate,
    nextUpdate,
    etag: `"${signature.toString("hex", 0, ETAG_OCTETS)}"`,
    issuer,
    spread: spreadOf(serialNumber),
  };
}

function isUnissued({ unissued }: AnsweringIssuer): Refusal {
  return unissued === "unauthorized" ? "unknownCertificate" : "notPresigned";
}

function isPresigned(hash: CertID["hash"]): hash is PresignedHash {
  return hash === "sha1" || hash === "sha256";
}

function isForgotten(issuer: AnsweringIssuer, notAfter: UnixSeconds, now: UnixSeconds): boolean {
  return issuer.archive !== "forever" && notAfter > 0 && notAfter + issuer.archive < now;
}
