import { randomBytes } from "node:crypto";
import type { Dispatcher } from "undici";
import type { HashName } from "../../ocsp/hash.ts";
import { type Question, writeRequest } from "../../ocsp/write-request.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { type Answer, NO_SINGLE, told } from "./answer.ts";
import { type Asking, exchange } from "./exchange.ts";
import type { Finding } from "./finding.ts";
import { type Judged, judge } from "./judge.ts";
import { type Subject, subjectFindings, subjectSerial } from "./subject.ts";

/** How certificates are asked about, one request for each as clients do. */
export interface QueryPlan {
  readonly issuer: Certificate;
  readonly hash: HashName;
  readonly nonce: "none" | "random";
  readonly method: Asking["method"];
  readonly skewSeconds: number;
  readonly timeoutMs: number;
}

const NONCE_OCTETS = 32;
const AT_ONCE = 8;

/** Asks one responder about one certificate, and judges what comes back. */
export async function ask(
  dispatcher: Dispatcher,
  url: string,
  subject: Subject,
  plan: QueryPlan,
): Promise<Answer> {
  const question: Question = {
    issuer: plan.issuer,
    serialNumber: subject.serialNumber,
    hash: plan.hash,
    nonce: plan.nonce === "random" ? randomBytes(NONCE_OCTETS) : undefined,
  };
  const asking = { url, method: plan.method, timeoutMs: plan.timeoutMs };
  const attempt = await exchange(dispatcher, writeRequest(question), asking);
  const now = Date.now() / 1000;
  const judged =
    "failed" in attempt
      ? unanswered(attempt.failed, question)
      : judge(attempt, question, { now, skewSeconds: plan.skewSeconds });
  const { findings, ...fields } = judged;
  const all = [...subjectFindings(subject, plan.issuer, now), ...findings];
  const problems = told(all, "error");
  return {
    url,
    certificate: subject.file ?? null,
    serialNumber: subjectSerial(subject),
    method: attempt.method,
    hash: plan.hash,
    valid: problems.length === 0,
    ...fields,
    problems,
    warnings: told(all, "advice"),
  };
}

function unanswered(failed: Finding, { nonce }: Question): Judged {
  return {
    ...NO_SINGLE,
    httpStatus: null,
    milliseconds: null,
    bytes: null,
    responseStatus: null,
    producedAt: null,
    signer: null,
    nonce: nonce === undefined ? "notAsked" : "absent",
    findings: [failed],
  };
}

/** Does `one` for each item, a few at once, and keeps the order. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  one: (item: Item) => Promise<Result>,
  onDone: (done: number, total: number) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++;
      results[i] = await one(items[i] as Item);
      onDone(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
