import type { UnixSeconds } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import { notModified, type Preconditions } from "./conditional.ts";
import { Downloads } from "./downloads.ts";
import { type FileRequest, FileSource, unavailable } from "./file-source.ts";
import {
  type HttpAnswer,
  httpError,
  liveAnswer,
  refusedAnswer,
  signedAnswer,
} from "./http-answer.ts";
import { LARGEST_BODY } from "./limits.ts";
import type { Given, LiveSource } from "./live-source.ts";
import { decodeOcspGet, decodePlainGet } from "./ocsp-get.ts";
import { FOR_LIVE, type OcspSource, REFUSAL_STATUS } from "./ocsp-source.ts";
import type { PlainRequest } from "./plain-request.ts";
import type { PublishedFile } from "./published-file.ts";
import { RefusalOctets } from "./refusal-octets.ts";
import { REFUSED_REQUESTS, type RefusedRequest } from "./refused-request.ts";
import type { RequestTally } from "./request-tally.ts";
import {
  ALLOW_OCSP,
  isPostTarget,
  plainOcspGet,
  type Routed,
  routeTarget,
} from "./request-target.ts";
import type { Served } from "./served.ts";
import { LARGEST_WIRE_ANSWER, writeWireAnswer } from "./wire-answer.ts";

/** The room that `writeReady` wants. */
export const LARGEST_READY: number = LARGEST_WIRE_ANSWER;

/** Who asks. */
export interface Client {
  /** The IP address that the client's connection comes from. */
  readonly address: string;
}

/** Where OCSP answers come from: those that are at hand, and all of them. */
export interface Sources {
  readonly presigned: OcspSource;
  readonly live: LiveSource;
}

/** Where a request goes. */
export type Route = Routed<PublishedFile>;

const WHAT_THIS_IS =
  "Vouch: OCSP (RFC 6960, RFC 9919) at this address, CRLs under /crl/, CA certificates under /ca/";

const NO_CONDITIONS: Preconditions = { ifNoneMatch: undefined, ifModifiedSince: undefined };

/** Answers requests; it knows nothing of sockets, so that every lane gives the same octets. */
export class Handler {
  readonly #served: Served;
  readonly #presigned: OcspSource;
  readonly #source: LiveSource;
  readonly #tally: RequestTally;
  readonly #clock: () => UnixSeconds;
  readonly #files: FileSource;
  readonly #refusals = new RefusalOctets();
  /** What a GET's base64 decodes to. */
  readonly #decoded = Buffer.alloc(LARGEST_BODY);

  constructor(
    served: Served,
    sources: Sources,
    tally: RequestTally,
    clock: () => UnixSeconds,
    downloads: Downloads = new Downloads(),
  ) {
    this.#served = served;
    this.#presigned = sources.presigned;
    this.#source = sources.live;
    this.#tally = tally;
    this.#clock = clock;
    this.#files = new FileSource(downloads);
  }

  /**
   * Writes the HTTP/1.1 response to a kept-alive OCSP request of the plainest shape at `at` of `out`, where
   * there is room for `LARGEST_READY`: pre-signed, or `unauthorized`. Returns how many octets it has, or 0 where
   * the request is of another shape, or wants another answer: then `route` and `answer` give it. What it writes is
   * what they would.
   */
  writeReady(request: PlainRequest, octets: Buffer, out: Buffer, at: number): number {
    const isPost = request.method === "POST";
    const began = performance.now();
    const now = this.#clock();
    const found = isPost
      ? this.#findPosted(request, octets, now)
      : this.#findInTarget(request, octets, now);
    if (found === undefined || FOR_LIVE.has(found)) return 0;
    const refused = typeof found === "string";
    const end = refused
      ? this.#refusals.write(found, now, out, at)
      : writeWireAnswer(found, now, out, at);
    this.#tally.count(isPost ? "POST" : "GET", refused ? REFUSAL_STATUS[found] : found.result);
    metrics.ocspRequestSeconds.observe((performance.now() - began) / 1000);
    return end - at;
  }

  #findPosted(request: PlainRequest, octets: Buffer, now: UnixSeconds): Found {
    if (!isPostTarget(octets, request.targetAt, request.targetEnd)) return undefined;
    return this.#presigned.find(octets, request.bodyAt, request.end, now);
  }

  #findInTarget(request: PlainRequest, octets: Buffer, now: UnixSeconds): Found {
    if (request.method !== "GET" || request.ifNoneMatch !== undefined) return undefined;
    if (request.ifModifiedSince !== undefined || this.#served.hasRequestLikePath) return undefined;
    const { targetEnd } = request;
    const encodedAt = plainOcspGet(octets, request.targetAt);
    if (encodedAt < 0) return undefined;
    const length = decodePlainGet(octets, encodedAt, targetEnd, this.#decoded);
    return length < 0 ? undefined : this.#presigned.find(this.#decoded, 0, length, now);
  }

  /** Where the request goes, known before its body is read. */
  route(method: string, target: string): Route {
    const route = routeTarget(method, target, this.#served.files);
    if (route.kind !== "file" && route.kind !== "notFound") return route;
    // A CRL that was just published is there for whoever was told so, not only at the next look.
    this.#served.refresh();
    return routeTarget(method, target, this.#served.files);
  }

  /** The answer to anything but a POST of OCSP. A promise of one for OCSP never rejects. */
  answer(route: Route, request: FileRequest, client: Client): HttpAnswer | Promise<HttpAnswer> {
    switch (route.kind) {
      case "ocspGet":
        return this.#ocspGet(route.encoded, request, client);
      case "ocspPost":
        return this.ocspPost(Buffer.alloc(0), client);
      case "file":
        return this.#files.answer(route.route, request, this.#clock());
      case "root":
        return this.#plain(200, WHAT_THIS_IS);
      case "notFound":
        return this.#plain(404, "not found; OCSP is at /, CRLs are under /crl/");
      case "methodNotAllowed":
        return this.#plain(405, "method not allowed", ["Allow", route.allow]);
      case "targetTooLong":
        return this.refuse("targetTooLong");
    }
  }

  /** The answer to a request for a file where nothing has to be read from disk for it. */
  fileAtHand(file: PublishedFile, request: FileRequest): HttpAnswer | undefined {
    return this.#files.atHand(file, request, this.#clock());
  }

  /** The answer to the body of a POST. A promise of one never rejects. */
  ocspPost(body: Uint8Array, client: Client): HttpAnswer | Promise<HttpAnswer> {
    return this.#ocsp("POST", body, NO_CONDITIONS, client);
  }

  /** The answer to a request for a file that is not there, or not whole. */
  fileUnreadable(): HttpAnswer {
    return unavailable("it cannot be read now: try again in a while", this.#clock());
  }

  /** The answer to a request with a method that is not answered. */
  refuseMethod(method: string, target: string): HttpAnswer {
    const route = this.route(method, target);
    const allow = route.kind === "methodNotAllowed" ? route.allow : ALLOW_OCSP;
    return this.#plain(405, "method not allowed", ["Allow", allow]);
  }

  /** The answer to a request that is refused whatever it asks for. */
  refuse(why: RefusedRequest): HttpAnswer {
    const [status, words] = REFUSED_REQUESTS[why];
    return this.#plain(status, words);
  }

  #ocspGet(
    encoded: string,
    conditions: Preconditions,
    client: Client,
  ): HttpAnswer | Promise<HttpAnswer> {
    // What cannot be decoded is an empty request: malformed.
    return this.#ocsp("GET", decodeOcspGet(encoded) ?? Buffer.alloc(0), conditions, client);
  }

  #ocsp(
    method: "GET" | "POST",
    der: Uint8Array,
    conditions: Preconditions,
    client: Client,
  ): HttpAnswer | Promise<HttpAnswer> {
    const began = performance.now();
    const answer = this.#source.answer(der, this.#clock(), client);
    if (!(answer instanceof Promise)) return this.#given(method, answer, conditions, began);
    return answer.then((given) => this.#given(method, given, conditions, began));
  }

  #given(
    method: "GET" | "POST",
    answer: Given,
    conditions: Preconditions,
    began: number,
  ): HttpAnswer {
    const now = this.#clock();
    const refused = typeof answer === "string";
    this.#tally.count(method, refused ? REFUSAL_STATUS[answer] : answer.result);
    metrics.ocspRequestSeconds.observe((performance.now() - began) / 1000);
    if (refused) return refusedAnswer(answer, now);
    const validators = { etag: answer.etag, lastModified: answer.thisUpdate };
    const unchanged = notModified(conditions, validators, now) ? "notModified" : "modified";
    return "caching" in answer
      ? liveAnswer(answer, now, unchanged)
      : signedAnswer(answer, now, unchanged);
  }

  #plain(status: number, line: string, more: readonly string[] = []): HttpAnswer {
    return httpError(status, line, this.#clock(), more);
  }
}

type Found = ReturnType<OcspSource["find"]>;
