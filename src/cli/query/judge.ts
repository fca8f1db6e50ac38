import { LenientReader } from "../../der/lenient-reader.ts";
import { timeText } from "../../der/lenient-time.ts";
import { sameOctets } from "../../der/oids.ts";
import { DerError } from "../../der/reader.ts";
import {
  type AnyResponse,
  type BasicOCSPResponse,
  readAnyResponse,
  type SingleResponse,
} from "../../ocsp/any-response.ts";
import { nonceOctets } from "../../ocsp/extension-flaws.ts";
import { responseFlaws } from "../../ocsp/response-flaws.ts";
import type { Question } from "../../ocsp/write-request.ts";
import { keyHash, nameHash } from "../../x509/certificate.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import {
  type Answer,
  NO_SINGLE,
  type NonceOutcome,
  signerFields,
  singleFields,
  statusText,
} from "./answer.ts";
import { cachingFindings, errorCachingFindings } from "./caching-findings.ts";
import type { Exchange } from "./exchange.ts";
import { advice, type Finding, findingOf, wrong } from "./finding.ts";
import { httpFindings } from "./http-findings.ts";
import { judgeSigner } from "./signer-findings.ts";
import { errorStatusFinding } from "./status-findings.ts";
import { type Clock, timeFindings } from "./time-findings.ts";

/** The part of an answer that what came back decides. */
export type Judged = Omit<Answer, keyof Asked> & { readonly findings: readonly Finding[] };

type Asked = Pick<
  Answer,
  "url" | "certificate" | "serialNumber" | "method" | "hash" | "valid" | "problems" | "warnings"
>;

/** Holds what came back against what was asked, the CA, and the clock: every fault at once. */
export function judge(exchange: Exchange, question: Question, clock: Clock): Judged {
  const { status, milliseconds, body } = exchange;
  const http = {
    httpStatus: status,
    milliseconds: Math.round(milliseconds * 10) / 10,
    bytes: body.length,
  };
  const findings = httpFindings(exchange);
  const reader = new LenientReader(body, "OCSPResponse");
  const response = readOrSay(reader, findings, exchange);
  if (!response) return { ...http, ...NOTHING, nonce: nonceNotSeen(question), findings };
  findings.push(...[...reader.flaws, ...responseFlaws(response)].map(findingOf));
  const responseStatus = statusText(response.responseStatus);
  if (!response.basic) {
    findings.push(...errorStatusFinding(responseStatus), ...errorCachingFindings(exchange.headers));
    const nonce = nonceNotSeen(question);
    return { ...http, ...NOTHING, responseStatus, nonce, findings };
  }
  const said = judgeBasic(response.basic, question, clock);
  if (isCacheable(exchange, question)) findings.push(...caching(exchange, said.single, clock));
  const { single: _single, findings: more, ...fields } = said;
  return { ...http, responseStatus, ...fields, findings: [...findings, ...more] };
}

/** So much of a page, as of a proxy that wants a login, tells what it is. */
const TEXT_SHOWN = 60;

const NOTHING = { ...NO_SINGLE, responseStatus: null, producedAt: null, signer: null } as const;

function readOrSay(
  reader: LenientReader,
  findings: Finding[],
  { status, body }: Pick<Exchange, "status" | "body">,
): AnyResponse | undefined {
  try {
    return readAnyResponse(reader);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const begins = body.toString("latin1", 0, TEXT_SHOWN);
    const isText = /^[\t\r\n -~]+$/.test(begins);
    const why = isText ? `, but text, ${JSON.stringify(begins)}` : `: ${error.message}`;
    const problem = `the body is no OCSP answer${why}`;
    if (status === 200) findings.push(wrong(problem, "see that the URL is a responder's"));
    return undefined;
  }
}

function nonceNotSeen({ nonce }: Question): NonceOutcome {
  return nonce === undefined ? "notAsked" : "absent";
}

function judgeBasic(basic: BasicOCSPResponse, question: Question, clock: Clock) {
  const { single, findings: matchFindings } = findSingle(basic, question);
  const { outcome, findings: nonceFindings } = judgeNonce(basic, question);
  const { signer, findings: signerFindings } = judgeSigner(basic, question.issuer, clock);
  return {
    ...(single ? singleFields(single) : NO_SINGLE),
    single,
    producedAt: timeText(basic.producedAt),
    nonce: outcome,
    signer: signerFields(signer, basic),
    findings: [
      ...matchFindings,
      ...signerFindings,
      ...(single ? timeFindings(basic, single, clock) : []),
      ...nonceFindings,
    ],
  };
}

/** The SingleResponse for the certificate that was asked about (RFC 6960 3.2). */
function findSingle(
  { responses }: BasicOCSPResponse,
  question: Question,
): { single: SingleResponse | undefined; findings: Finding[] } {
  const exact = responses.find((single) => isAsked(single, question, question.hash));
  if (exact) return { single: exact, findings: [] };
  // An answer about nothing is a flaw of its own.
  if (responses.length === 0) return { single: undefined, findings: [] };
  const serialNumber = serialNumberText(question.serialNumber);
  const otherHash = responses.find(
    (single) => single.certID.hash && isAsked(single, question, single.certID.hash),
  );
  if (otherHash) {
    const problem = `the answer's CertID is hashed with ${otherHash.certID.hash}, and ${question.hash} was asked: clients do not find it`;
    return {
      single: otherHash,
      findings: [wrong(problem, "have the responder repeat the CertID")],
    };
  }
  const others = responses.map(({ certID }) => serialNumberText(certID.serialNumber)).join(", ");
  const same = responses.some(({ certID }) =>
    sameOctets(certID.serialNumber, question.serialNumber),
  );
  const problem = same
    ? `the answer is for serial number ${serialNumber} of another CA`
    : `the answer is for other certificates (${others}), not for ${serialNumber}`;
  return { single: undefined, findings: [wrong(problem, "have the responder mended")] };
}

function isAsked({ certID }: SingleResponse, question: Question, hash: Question["hash"]): boolean {
  return (
    certID.hash === hash &&
    sameOctets(certID.serialNumber, question.serialNumber) &&
    sameOctets(certID.issuerNameHash, nameHash(question.issuer.subject, hash)) &&
    sameOctets(certID.issuerKeyHash, keyHash(question.issuer, hash))
  );
}

function judgeNonce(
  { responseExtensions }: BasicOCSPResponse,
  { nonce }: Question,
): { outcome: NonceOutcome; findings: Finding[] } {
  const echoed = nonceOctets(responseExtensions);
  if (nonce === undefined) return { outcome: "notAsked", findings: [] };
  if (!echoed) {
    const problem =
      "the nonce is not echoed, so that an old answer would not be told from a new one";
    const remedy = "rely on the times (RFC 9919 5), or have the responder sign live";
    return { outcome: "absent", findings: [advice(problem, remedy)] };
  }
  if (sameOctets(nonce, echoed)) return { outcome: "echoed", findings: [] };
  const problem = "the answer carries another nonce than was sent: it may be a replayed one";
  const remedy = "ask again; if it stays, have the responder, or the cache before it, mended";
  return { outcome: "different", findings: [wrong(problem, remedy)] };
}

/** What caches may keep is asked by GET, and is nobody's alone (RFC 9919 6). */
function isCacheable({ method, status }: Exchange, { nonce }: Question): boolean {
  return method === "GET" && status === 200 && nonce === undefined;
}

function caching(
  { headers }: Exchange,
  single: SingleResponse | undefined,
  { now }: Clock,
): Finding[] {
  return cachingFindings({ headers, nextUpdate: single?.nextUpdate?.at, now });
}
