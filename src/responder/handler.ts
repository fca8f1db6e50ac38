import type { UnixSeconds } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import { notModified, type Preconditions } from "./conditional.ts";
import { Downloads } from "./downloads.ts";
import { type FileRequest, FileSource } from "./file-source.ts";
import { type HttpAnswer, httpError, refusedAnswer, signedAnswer } from "./http-answer.ts";
import { decodeOcspGet } from "./ocsp-get.ts";
import { type OcspSource, REFUSAL_STATUS } from "./ocsp-source.ts";
import type { PublishedFile } from "./published-file.ts";
import type { RequestTally } from "./request-tally.ts";
import { type Routed, routeTarget } from "./request-target.ts";
import type { Served } from "./served.ts";

/** A larger body is no OCSP request that anybody sends. */
export const LARGEST_BODY = 10_000;

/** Where a request goes. */
export type Route = Routed<PublishedFile>;

const WHAT_THIS_IS =
  "Vouch: OCSP (RFC 6960, RFC 9919) at this address, CRLs under /crl/, CA certificates under /ca/";

/** Answers requests; it knows nothing of sockets, so that every lane gives the same octets. */
export class Handler {
  readonly #served: Served;
  readonly #source: OcspSource;
  readonly #tally: RequestTally;
  readonly #clock: () => UnixSeconds;
  readonly #files: FileSource;

  constructor(
    served: Served,
    source: OcspSource,
    tally: RequestTally,
    clock: () => UnixSeconds,
    downloads: Downloads = new Downloads(),
  ) {
    this.#served = served;
    this.#source = source;
    this.#tally = tally;
    this.#clock = clock;
    this.#files = new FileSource(downloads);
  }

  /** Where the request goes, known before its body is read. */
  route(method: string, target: string): Route {
    const route = routeTarget(method, target, this.#served.files);
    if (route.kind !== "file" && route.kind !== "notFound") return route;
    // A CRL that was just published is there for whoever was told so, not only at the next look.
    this.#served.refresh();
    return routeTarget(method, target, this.#served.files);
  }

  /** The answer to anything but a POST of OCSP. */
  answer(route: Route, request: FileRequest): HttpAnswer | Promise<HttpAnswer> {
    switch (route.kind) {
      case "ocspGet":
        return this.#ocspGet(route.encoded, request);
      case "ocspPost":
        return this.ocspPost(Buffer.alloc(0));
      case "file":
        return this.#files.answer(route.route, request, this.#clock());
      case "root":
        return this.#plain(200, WHAT_THIS_IS);
      case "notFound":
        return this.#plain(404, "not found; OCSP is at /, CRLs are under /crl/");
      case "methodNotAllowed":
        return this.#plain(405, "method not allowed", ["Allow", route.allow]);
      case "targetTooLong":
        return this.#plain(414, "the request line is too long: send OCSP requests by POST");
    }
  }

  /** The answer to a request for a file where nothing has to be read from disk for it. */
  fileAtHand(file: PublishedFile, request: FileRequest): HttpAnswer | undefined {
    return this.#files.atHand(file, request, this.#clock());
  }

  /** The answer to the body of a POST. */
  ocspPost(body: Uint8Array): HttpAnswer {
    return this.#ocsp("POST", body, { ifNoneMatch: undefined, ifModifiedSince: undefined });
  }

  /** The answer to a body that is longer than `LARGEST_BODY`. */
  bodyTooLarge(): HttpAnswer {
    return this.#plain(413, `the body is larger than ${LARGEST_BODY} octets`);
  }

  #ocspGet(encoded: string, conditions: Preconditions): HttpAnswer {
    // What cannot be decoded is an empty request: malformed.
    return this.#ocsp("GET", decodeOcspGet(encoded) ?? Buffer.alloc(0), conditions);
  }

  #ocsp(method: "GET" | "POST", der: Uint8Array, conditions: Preconditions): HttpAnswer {
    const began = performance.now();
    const now = this.#clock();
    const answer = this.#source.answer(der, now);
    const refused = typeof answer === "string";
    this.#tally.count(method, refused ? REFUSAL_STATUS[answer] : answer.result);
    metrics.ocspRequestSeconds.observe((performance.now() - began) / 1000);
    if (refused) return refusedAnswer(answer, now);
    const validators = { etag: answer.etag, lastModified: answer.thisUpdate };
    const unchanged = notModified(conditions, validators, now);
    return signedAnswer(answer, now, unchanged ? "notModified" : "modified");
  }

  #plain(status: number, line: string, more: readonly string[] = []): HttpAnswer {
    return httpError(status, line, this.#clock(), more);
  }
}
