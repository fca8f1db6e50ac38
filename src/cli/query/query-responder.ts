import { parseDuration } from "../../config/duration.ts";
import type { HashName } from "../../ocsp/hash.ts";
import { readCertificateFile } from "../certificate-file.ts";
import { Failure } from "../failure.ts";
import type { CommonOptions, Outcome } from "../outcome.ts";
import { withProgress } from "../progress.ts";
import { answerText } from "./answer-text.ts";
import { ask, inTurn, type QueryPlan } from "./ask.ts";
import { compareAnswers } from "./compare.ts";
import { comparisonText } from "./compare-text.ts";
import { withAsker } from "./exchange.ts";
import { readSubjects, type Subject } from "./subject.ts";

/** The options of `vouch query`. */
export interface QueryOptions extends CommonOptions {
  readonly issuer: string;
  readonly serial?: string[];
  readonly file?: string;
  readonly method?: "get" | "post";
  readonly hash: HashName;
  readonly nonce?: true;
  readonly skew: string;
  readonly timeout: string;
  readonly compare?: string;
}

/** Asks one responder or two; see `vouch query`. */
export async function query(url: string, files: string[], options: QueryOptions): Promise<Outcome> {
  const urls = [options.compare, url].filter((one) => one !== undefined).map(checkedUrl);
  const plan = await planOf(options);
  const named = { files, serials: options.serial ?? [], list: options.file };
  const subjects = await readSubjects(named);
  const [first = "", second] = urls;
  return second === undefined
    ? queryOne(first, subjects, plan)
    : compare([first, second], subjects, plan);
}

async function queryOne(url: string, subjects: Subject[], plan: QueryPlan): Promise<Outcome> {
  const answers = await withAsker(plan, (dispatcher) =>
    withProgress("asking", (progress) =>
      inTurn(subjects, (subject) => ask(dispatcher, url, subject, plan), progress),
    ),
  );
  const ok = answers.every(({ valid, certStatus }) => valid && certStatus === "good");
  return {
    exitCode: ok ? 0 : 1,
    document: { url, ok, answers },
    text: answers.map(answerText).join("\n\n"),
  };
}

async function compare(
  [first, second]: readonly [string, string],
  subjects: Subject[],
  plan: QueryPlan,
): Promise<Outcome> {
  const pairs = await withAsker(plan, (dispatcher) =>
    withProgress("comparing", (progress) =>
      inTurn(
        subjects,
        (subject) =>
          Promise.all([
            ask(dispatcher, first, subject, plan),
            ask(dispatcher, second, subject, plan),
          ]),
        progress,
      ),
    ),
  );
  const comparison = compareAnswers(pairs);
  return {
    exitCode: comparison.different === 0 ? 0 : 1,
    document: comparison,
    text: comparisonText(comparison),
  };
}

async function planOf(options: QueryOptions): Promise<QueryPlan> {
  const remedy = "give the CA's certificate, PEM or DER, with --issuer";
  return {
    issuer: await readCertificateFile(options.issuer, remedy),
    hash: options.hash,
    nonce: options.nonce ? "random" : "none",
    method: options.method ?? "auto",
    skewSeconds: secondsOf("--skew", options.skew),
    timeoutMs: 1000 * timeoutSeconds(options.timeout),
  };
}

function timeoutSeconds(written: string): number {
  const seconds = secondsOf("--timeout", written);
  if (seconds > 0) return seconds;
  throw new Failure("usage", "--timeout: no answer comes within no time", "write it as in 10s");
}

function secondsOf(option: string, written: string): number {
  const duration = parseDuration(written);
  if (duration) return duration.seconds;
  throw new Failure(
    "usage",
    `${option}: "${written}" is no duration`,
    "write it as in 30s, 5m or 1h",
  );
}

function checkedUrl(written: string): string {
  const url = URL.parse(written);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (isHttp && !written.includes("#") && url.username === "" && url.password === "") {
    return written;
  }
  throw new Failure(
    "usage",
    `"${written}" is no URL of a responder`,
    "write it as in http://ocsp.example.vn/",
  );
}
