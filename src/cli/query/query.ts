import { type Command, Option } from "commander";
import { parseDuration } from "../../config/duration.ts";
import type { HashName } from "../../ocsp/hash.ts";
import { readCertificateFile } from "../certificate-file.ts";
import { examples } from "../examples.ts";
import { Failure } from "../failure.ts";
import type { CommonOptions, Outcome, Run } from "../outcome.ts";
import { withProgress } from "../progress.ts";
import { answerText } from "./answer-text.ts";
import { ask, inTurn, type QueryPlan } from "./ask.ts";
import { compareAnswers } from "./compare.ts";
import { comparisonText } from "./compare-text.ts";
import { withAsker } from "./exchange.ts";
import { readSubjects, type Subject } from "./subject.ts";

interface QueryOptions extends CommonOptions {
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

/** Adds `vouch query`. */
export function addQuery(program: Command, run: Run): void {
  program
    .command("query")
    .summary("ask any OCSP responder as a client would, and verify what it says")
    .description(
      "Asks an OCSP responder, Vouch or any other, about certificates, as a client would, and verifies the answer: HTTP, encoding, signer, signature, times, nonce. Says everything that is wrong, and what to do.",
    )
    .usage("URL [CERTFILE...] --issuer CAFILE [options]")
    .argument("<url>", "the responder's URL, as certificates have it")
    .argument("[certificates...]", "certificates to ask about, PEM or DER")
    .requiredOption("--issuer <file>", "the certificate of the CA that issued them")
    .option(
      "--serial <hex>",
      "a serial number to ask about, instead of a certificate; may be repeated",
      repeated,
    )
    .option(
      "--file <list>",
      "ask about these: serial numbers one a line, or a PEM bundle; - is standard input",
    )
    .addOption(methodOption())
    .addOption(hashOption())
    .option("--nonce", "send a nonce of 32 octets, which the answer has to echo")
    .option("--skew <duration>", "how much clocks may differ", "5m")
    .option("--timeout <duration>", "give up after so long", "10s")
    .option("--compare <url>", "ask this responder, too, and tell where the two differ in meaning")
    .addHelpText("after", HELP)
    .action(
      run((url: string, files: string[], _options, command: Command) =>
        query(url, files, command.optsWithGlobals()),
      ),
    );
}

function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function methodOption(): Option {
  const says =
    "how to ask (default: GET where the URL has at most 255 octets, else POST; RFC 9919)";
  return new Option("--method <method>", says).choices(["get", "post"]);
}

function hashOption(): Option {
  return new Option("--hash <name>", "the CertID's hash algorithm")
    .choices(["sha1", "sha256", "sha384", "sha512"])
    .default("sha256");
}

const HELP = `${examples(
  "vouch query http://ocsp.example.vn --issuer ca.pem leader.pem",
  "vouch query http://ocsp.example.vn --issuer ca.pem --serial 0a:1b:2c --nonce --method post",
  "vouch query --compare http://old.example.vn http://new.example.vn --issuer ca.pem --file serials.txt",
)}

Exit codes: 0 every answer is good and valid (--compare: the two never differ);
1 an answer is revoked, unknown, an error, not to be relied on, or missing (--compare: they differ);
2 wrong usage.`;

async function query(url: string, files: string[], options: QueryOptions): Promise<Outcome> {
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
    timeoutMs: 1000 * secondsOf("--timeout", options.timeout),
  };
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
  if (url?.protocol === "http:" || url?.protocol === "https:") return written;
  throw new Failure(
    "usage",
    `"${written}" is no URL of a responder`,
    "write it as in http://ocsp.example.vn/",
  );
}
