import type { UnixSeconds } from "../der/time.ts";
import { responseForm, writeResponse } from "../ocsp/answer.ts";
import type { AnswerForm } from "../ocsp/answer-form.ts";
import { answerMaxAge, spreadOf } from "./cache-control.ts";
import { signedAnswer } from "./http-answer.ts";
import { writeHttpDate } from "./http-date.ts";
import { headText } from "./http-head.ts";
import { ETAG_OCTETS, type FoundAnswer, signedOf } from "./ocsp-source.ts";

/*
 * A pre-signed answer as it goes out over HTTP/1.1: the head that the general lanes would give it and the
 * DER behind, put together by filling in what differs. The forms are made by the general code, so that there
 * is one place that says what a head looks like.
 */

/** The whole response of one shape of answer and one number of digits in its max-age. */
interface WireForm {
  readonly head: Buffer;
  readonly lastModifiedAt: number;
  readonly etagAt: number;
  readonly expiresAt: number;
  readonly maxAgeAt: number;
  readonly dateAt: number;
}

/** max-age has at most four digits: it is at most an hour. */
const MOST_DIGITS = 4;
const HEX = Buffer.from("0123456789abcdef", "latin1");

const wireForms = new WeakMap<AnswerForm, (WireForm | undefined)[]>();

/** More than any such response takes: its head, and the largest answer that proof lets through. */
export const LARGEST_WIRE_ANSWER: number = 1_024 + 16_384;

/**
 * Writes the HTTP/1.1 response (200, kept alive) of an answer that was found, served `now`, at `at` of `out`,
 * which has room for `LARGEST_WIRE_ANSWER`. Returns the offset after it.
 */
export function writeWireAnswer(
  found: FoundAnswer,
  now: UnixSeconds,
  out: Buffer,
  at: number,
): number {
  const { template, serialNumber, record, signature } = found;
  const form = responseForm(template, serialNumber, record, signature);
  const maxAge = answerMaxAge(found, found.issuer, now, spreadOf(serialNumber));
  const wire = wireFormOf(form, found, now, maxAge);
  out.set(wire.head, at);
  writeHttpDate(out, at + wire.lastModifiedAt, found.thisUpdate);
  writeHex(out, at + wire.etagAt, signature);
  writeHttpDate(out, at + wire.expiresAt, found.nextUpdate);
  writeDigits(out, at + wire.maxAgeAt, maxAge);
  writeHttpDate(out, at + wire.dateAt, now);
  const derAt = at + wire.head.length;
  writeResponse(form, out, derAt, template, serialNumber, record, signature);
  return derAt + form.octets.length;
}

function wireFormOf(
  form: AnswerForm,
  found: FoundAnswer,
  now: UnixSeconds,
  maxAge: number,
): WireForm {
  let forms = wireForms.get(form);
  if (!forms) {
    forms = new Array<WireForm | undefined>(MOST_DIGITS + 1);
    wireForms.set(form, forms);
  }
  const digits = digitsOf(maxAge);
  forms[digits] ??= makeWireForm(found, now);
  return forms[digits];
}

/** The form is the head of this answer: only its places are written over. */
function makeWireForm(found: FoundAnswer, now: UnixSeconds): WireForm {
  const { status, headers } = signedAnswer(signedOf(found), now, "modified");
  const head = headText(status, headers, "keep-alive");
  const after = (name: string): number => head.indexOf(name) + name.length;
  return {
    head: Buffer.from(head, "latin1"),
    lastModifiedAt: after("\r\nLast-Modified: "),
    etagAt: after('\r\nETag: "'),
    expiresAt: after("\r\nExpires: "),
    maxAgeAt: after("\r\nCache-Control: max-age="),
    dateAt: after("\r\nDate: "),
  };
}

function digitsOf(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  return value < 1000 ? 3 : MOST_DIGITS;
}

function writeDigits(out: Uint8Array, at: number, value: number): void {
  let left = value;
  for (let i = at + digitsOf(value) - 1; i >= at; i--) {
    out[i] = 0x30 + (left % 10);
    left = (left / 10) | 0;
  }
}

function writeHex(out: Uint8Array, at: number, octets: Uint8Array): void {
  for (let i = 0; i < ETAG_OCTETS; i++) {
    const octet = octets[i] as number;
    out[at + 2 * i] = HEX[octet >> 4] as number;
    out[at + 2 * i + 1] = HEX[octet & 15] as number;
  }
}
