import { hash } from "node:crypto";
import type { UnixSeconds } from "../der/time.ts";
import { type Answering, answeringIssuer } from "../ocsp/answering-issuer.ts";
import type { LiveRefusal, LiveReply, LiveSigned } from "../ocsp/live-reply.ts";
import { recordNotAfter, recordVersion } from "../ocsp/record.ts";
import { type CertID, type OCSPRequest, readRequest } from "../ocsp/request.ts";
import { encodeRequest } from "../ocsp/request-encoder.ts";
import { isForgotten } from "../ocsp/template.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { spreadOf } from "./cache-control.ts";
import { networkOf } from "./client-address.ts";
import type { LiveBudget } from "./live-budget.ts";
import type { LiveClient, NoReply } from "./live-client.ts";
import { type Missed, MissTally } from "./miss-tally.ts";
import {
  ETAG_OCTETS,
  FOR_LIVE,
  type OcspSource,
  type Refusal,
  type SignedAnswer,
  signedOf,
} from "./ocsp-source.ts";
import type { AnsweringIssuer, Served } from "./served.ts";
import { SmallTable } from "./small-table.ts";
import type { Turns } from "./turns.ts";

/** What live answers are asked for with. */
export interface LiveParts {
  readonly store: Pick<StoreReader, "get" | "refresh">;
  readonly served: Served;
  readonly presigned: Pick<OcspSource, "answer" | "find">;
  /** Nothing where there is no authority to ask, as on an edge. */
  readonly client: Pick<LiveClient, "ask"> | undefined;
  readonly budget: LiveBudget;
  readonly turns: Pick<Turns, "wait" | "waiting">;
  readonly clock: () => UnixSeconds;
}

/** An answer that was signed because somebody asked. */
export interface LiveAnswer extends Omit<SignedAnswer, "result"> {
  readonly result: LiveSigned["result"];
  /** Who may keep it: one client, everybody as long as is right, or everybody for a minute. */
  readonly caching: "private" | "shared" | "brief";
}

/** What a request gets. */
export type Given = LiveAnswer | SignedAnswer | Refusal;

/** A request as it came. */
interface Asked {
  readonly request: OCSPRequest;
  /** Whose budget it is on. */
  readonly client: { readonly address: string };
  readonly now: UnixSeconds;
}

/** A request, who answers it, and what the authority is asked. */
interface Question extends Asked {
  /** Whose budget it is on: an IPv4 address, an IPv6 /64. */
  readonly network: string;
  readonly issuer: AnsweringIssuer;
  readonly payload: Buffer;
  readonly hasNonce: boolean;
}

/** A status that changes while an answer is on its way is rare; twice in a row it does not happen. */
const MOST_TRIES = 2;

/**
 * Requests over their budget that wait for a turn. node:http reads on while they do, so that more of one client's
 * would be kept than it takes answers for.
 */
const MOST_WAITING = 1_000;

/**
 * Answers what no pre-signed answer fits, by asking the authority: a nonce, several CertIDs, other hashes,
 * what was never issued, records without an answer. Where that cannot be, or is over the client's budget, a
 * nonce is left out as RFC 9654 2.1 allows, and all else is told to come later.
 */
export class LiveSource {
  readonly #parts: LiveParts;
  readonly #misses = new MissTally();
  /** Questions that are under way, by their octets: whoever asks the same gets the same answer. */
  readonly #underWay = new SmallTable<string, Promise<LiveReply | NoReply>>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** The answer to the octets of a request, at `now`. Never throws for what they hold; a promise never rejects. */
  answer(der: Uint8Array, now: UnixSeconds, client: { address: string }): Given | Promise<Given> {
    const ready = this.#parts.presigned.find(der, 0, der.length, now);
    if (typeof ready === "object") return signedOf(ready);
    // A copy: what was read from a socket is another's once control goes back to the event loop.
    const request = readRequest(Buffer.from(der));
    if (request instanceof Error) return "malformed";
    if (!request.nonce) {
      const found = this.#parts.presigned.answer(request, now);
      if (!FOR_LIVE.has(found)) return found;
    }
    return this.#live({ request, client, now });
  }

  #live(asked: Asked): Given | Promise<Given> {
    const { request, now } = asked;
    // First of all: a flood is to cost little more than as many plain requests.
    const network = networkOf(asked.client.address);
    if (!this.#parts.budget.has(network, performance.now())) return this.#overBudget(asked);
    const answering = this.#whoAnswers(request, now);
    if (!answering || isUnauthorized(answering)) return this.#refused(asked);
    const { issuer } = answering;
    const nonce = issuer.nonce === "live" ? request.nonce?.extnValue : undefined;
    if (request.nonce?.critical && !nonce) return "criticalNonce";
    const found = nonce ? "notPresigned" : this.#parts.presigned.answer(request, now);
    if (!FOR_LIVE.has(found)) return found;
    const payload = encodeRequest(request.certIDs, nonce);
    return this.#ask({ ...asked, network, issuer, payload, hasNonce: nonce !== undefined });
  }

  /** What is not known to any issuer, whoever may have issued it. */
  #refused({ request, now }: Asked): Given {
    const found = this.#parts.presigned.answer(request, now);
    return FOR_LIVE.has(found) ? "unknownCertificate" : found;
  }

  #whoAnswers(
    { certIDs }: OCSPRequest,
    now: UnixSeconds,
  ): Answering<AnsweringIssuer, number> | undefined {
    this.#parts.store.refresh();
    return answeringIssuer(
      certIDs,
      (certID) => this.#parts.served.issuerOf(certID),
      (issuer, certID) => this.#versionOf(issuer, certID, now),
    );
  }

  /** The version of a certificate's record; nothing where there is none, or its status is no longer kept. */
  #versionOf(issuer: AnsweringIssuer, certID: CertID, now: UnixSeconds): number | undefined {
    const key = recordKey(issuer.number, certID.serialNumber);
    const record = this.#parts.store.get("records", key);
    if (!record || isForgotten(issuer.archive, recordNotAfter(record) || undefined, now)) {
      return undefined;
    }
    return recordVersion(record);
  }

  #ask(question: Question): Given | Promise<Given> {
    const { client, budget } = this.#parts;
    if (!client) return this.#missed(question, "authorityAway");
    const name = question.payload.toString("latin1");
    if (this.#underWay.get(name) || budget.take(question.network, performance.now())) {
      return this.#wait(question, name, client);
    }
    return this.#overBudget(question);
  }

  /** In a turn of its own: a flood is not to keep others from what is at hand. */
  #overBudget(asked: Asked): Given | Promise<Given> {
    const { turns } = this.#parts;
    if (turns.waiting >= MOST_WAITING) return this.#missed(asked, "overBudget");
    return new Promise((resolve) => {
      turns.wait(() => resolve(this.#missed(asked, "overBudget")));
    });
  }

  async #wait(question: Question, name: string, client: Pick<LiveClient, "ask">): Promise<Given> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const reply = await this.#reply(question, name, client);
      if (typeof reply === "string") return this.#without(question, reply);
      if (reply.nextUpdate <= this.#parts.clock()) return "stale";
      if (this.#isCurrent(question, reply)) return given(question, reply);
    }
    return this.#missed(question, "superseded");
  }

  #without(question: Question, reply: LiveRefusal | NoReply): Given {
    if (reply === "unauthorized") return "unknownCertificate";
    return this.#missed(question, reply === "tryLater" ? "unsignable" : reply);
  }

  #reply(
    { payload }: Question,
    name: string,
    client: Pick<LiveClient, "ask">,
  ): Promise<LiveReply | NoReply> {
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const reply = client.ask(payload).finally(() => this.#underWay.delete(name));
    this.#underWay.add(name, reply);
    return reply;
  }

  /** What is given in place of a live answer. */
  #missed({ request }: Asked, why: Missed): Given {
    const found = this.#parts.presigned.answer(request, this.#parts.clock());
    const wasCalledFor =
      typeof found === "string" ? FOR_LIVE.has(found) : found.issuer.nonce === "live";
    if (wasCalledFor) this.#misses.count(why);
    if (request.nonce?.critical && typeof found !== "string") return "criticalNonce";
    return FOR_LIVE.has(found) ? "noLiveAnswer" : found;
  }

  /** Whether no status that the answer tells of has changed since it was made. */
  #isCurrent({ request, issuer, now }: Question, { versions }: LiveSigned): boolean {
    this.#parts.store.refresh();
    return request.certIDs.every((certID, i) => {
      const named = this.#parts.served.issuerOf(certID);
      if (named?.number !== issuer.number) return true;
      return (this.#versionOf(named, certID, now) ?? 0) === versions[i];
    });
  }
}

/** Nothing of what is asked is known, and what is not known is not answered. */
function isUnauthorized({ issuer, known }: Answering<AnsweringIssuer, number>): boolean {
  return issuer.unissued === "unauthorized" && known.every((version) => version === undefined);
}

function given({ issuer, request, hasNonce }: Question, reply: LiveSigned): LiveAnswer {
  const { result, der, thisUpdate, nextUpdate, versions } = reply;
  const digest = hash("sha256", der, "hex");
  // A certificate may be issued at any moment, so that it was not is not kept long.
  const caching = hasNonce ? "private" : versions.includes(0) ? "brief" : "shared";
  return {
    caching,
    result,
    der,
    thisUpdate,
    nextUpdate,
    etag: `"${digest.slice(0, 2 * ETAG_OCTETS)}"`,
    issuer,
    spread: spreadOf(request.certIDs[0].serialNumber),
  };
}
