import type { UnixSeconds } from "../der/time.ts";
import { prefersGzip } from "./accept-encoding.ts";
import { requestedSpan, type Span } from "./byte-range.ts";
import {
  type FilePreconditions,
  notModified,
  preconditionFailed,
  rangeHolds,
} from "./conditional.ts";
import type { Downloads } from "./downloads.ts";
import { contentAnswer, type Part, unchangedAnswer } from "./file-answer.ts";
import { type HttpAnswer, httpError } from "./http-answer.ts";
import type { PublishedFile, Representation } from "./published-file.ts";
import { LARGEST_SMALL, SmallFiles } from "./small-files.ts";

/** What a request for a file asks besides its path; undefined where it has no such field. */
export interface FileRequest extends FilePreconditions {
  readonly acceptEncoding?: string | undefined;
  /** Of a GET only: for HEAD it has no meaning (RFC 9110 14.2). */
  readonly range?: string | undefined;
}

/** What is to be sent of a file, or the answer that needs none of its octets. */
type Choice = Part | { readonly answer: HttpAnswer };

/** Tells clients not to come back all at once. */
const RETRY_AFTER_SECONDS = 10;

/** Answers requests for published files: conditions, ranges and codings (RFC 9110 12 to 14). */
export class FileSource {
  readonly #downloads: Downloads;
  readonly #small = new SmallFiles();

  constructor(downloads: Downloads) {
    this.#downloads = downloads;
  }

  /** The answer, where no octet of it has to be read from disk. */
  atHand(file: PublishedFile, request: FileRequest, now: UnixSeconds): HttpAnswer | undefined {
    const choice = choose(file, request, now);
    return "answer" in choice ? choice.answer : this.#answerAtHand(file, choice, now);
  }

  /**
   * The answer; a larger file's body is a download, which has to be sent or cancelled. It rejects where
   * the file is not there, or not whole.
   */
  answer(
    file: PublishedFile,
    request: FileRequest,
    now: UnixSeconds,
  ): HttpAnswer | Promise<HttpAnswer> {
    const choice = choose(file, request, now);
    if ("answer" in choice) return choice.answer;
    const atHand = this.#answerAtHand(file, choice, now);
    if (atHand) return atHand;
    return this.#answerFromDisk(file, choice, now).catch((error: unknown) => {
      // The compressed one is a convenience: without it there is still the CRL.
      if (choice.chosen.coding === "identity") return notKept(file, error, now);
      return this.answer({ ...file, gzip: undefined }, request, now);
    });
  }

  #answerAtHand(
    file: PublishedFile,
    { chosen, span }: Part,
    now: UnixSeconds,
  ): HttpAnswer | undefined {
    const octets = this.#small.atHand(chosen);
    return octets && contentAnswer(file, { chosen, span }, part(octets, span), now);
  }

  async #answerFromDisk(
    file: PublishedFile,
    { chosen, span }: Part,
    now: UnixSeconds,
  ): Promise<HttpAnswer> {
    const { path, size } = chosen;
    if (size <= LARGEST_SMALL) {
      const octets = await this.#small.read(path, size);
      return contentAnswer(file, { chosen, span }, part(octets, span), now);
    }
    const asked = span === "whole" ? { start: 0, end: size } : span;
    const download = await this.#downloads.begin(path, size, asked);
    if (download === "overloaded") return overloaded(now);
    return contentAnswer(file, { chosen, span }, download, now);
  }
}

function part(octets: Buffer, span: Span | "whole"): Buffer {
  return span === "whole" ? octets : octets.subarray(span.start, span.end);
}

/** In the order of RFC 9110 13.2.2, on the representation that a 200 would carry. */
function choose(file: PublishedFile, request: FileRequest, now: UnixSeconds): Choice {
  const chosen = (prefersGzip(request.acceptEncoding) && file.gzip) || file.identity;
  const validators = { etag: chosen.etag, lastModified: file.lastModified };
  if (preconditionFailed(request, validators, now)) return { answer: changed(now) };
  if (notModified(request, validators, now)) return { answer: unchangedAnswer(file, chosen, now) };
  if (!rangeHolds(request.ifRange, validators, now)) return { chosen, span: "whole" };
  const span = requestedSpan(request.range, chosen.size);
  return span === "unsatisfiable" ? { answer: beyondEnd(chosen, now) } : { chosen, span };
}

/** A CRL that is not the newest need not be kept for ever; of the newest a missing file is a fault. */
function notKept({ stands }: PublishedFile, error: unknown, now: UnixSeconds): HttpAnswer {
  const { code } = error as NodeJS.ErrnoException;
  if (stands === "forNow" || code !== "ENOENT") throw error;
  return httpError(404, "this CRL is not kept any more", now);
}

function changed(now: UnixSeconds): HttpAnswer {
  return httpError(412, "it is not, or no longer, the CRL that the request is about", now);
}

function beyondEnd({ size }: Representation, now: UnixSeconds): HttpAnswer {
  const line = `the range begins beyond the last of ${size} octets`;
  return httpError(416, line, now, ["Content-Range", `bytes */${size}`]);
}

function overloaded(now: UnixSeconds): HttpAnswer {
  return unavailable("too many downloads are under way: try again in a while", now);
}

/** 503, with when to come back (RFC 9110 10.2.3). */
export function unavailable(line: string, now: UnixSeconds): HttpAnswer {
  return httpError(503, line, now, ["Retry-After", String(RETRY_AFTER_SECONDS)]);
}
