import { hash } from "node:crypto";
import type { Flaw } from "../../der/flaw.ts";
import { DerError } from "../../der/reader.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../outcome.ts";
import { coloured } from "../output.ts";
import { counted } from "../table.ts";
import { alikeOnce } from "./alike-flaws.ts";
import { detectType } from "./detect.ts";
import { explainCertificate } from "./explain-certificate.ts";
import { explainCRL } from "./explain-crl.ts";
import { explainRequest } from "./explain-request.ts";
import { explainResponse } from "./explain-response.ts";
import type { ExplainedType, Explanation } from "./explanation.ts";
import { fieldsText } from "./fields-text.ts";
import { type Input, readInput } from "./input.ts";
import { staleFlaws } from "./stale-flaws.ts";

/** What to explain: of a CRL, how many entries to show; only this type where one is named. */
export interface Wanted {
  readonly entries?: number;
  readonly type?: ExplainedType;
}

/** Explains what is in a file; see `vouch explain`. */
export async function explain(file: string, wanted: Wanted = {}): Promise<Outcome> {
  const explained = ours(await readInput(file)).map((input) => explainOne(file, input, wanted));
  const documents = explained.map(documentOf);
  const isWrong = documents.some(({ problems }) => problems.length > 0);
  const [only, ...others] = documents;
  return {
    exitCode: isWrong ? 1 : 0,
    document: others.length > 0 ? documents : only,
    text: explained.map(textOf).join("\n\n"),
  };
}

/** A key beside its certificate, and what else is in a bundle, is passed over. */
function ours(inputs: readonly Input[]): readonly Input[] {
  const known = inputs.filter(({ der, label }) => detectType(der, label));
  return known.length > 0 ? known : inputs;
}

interface Explained extends Explanation {
  readonly file: string;
  readonly input: Input;
}

type Explain = (der: Uint8Array, wanted: Wanted) => Explanation;

const EXPLAIN: Readonly<Record<ExplainedType, Explain>> = {
  OCSPRequest: explainRequest,
  OCSPResponse: explainResponse,
  CertificateList: (der, { entries }) => explainCRL(der, entries),
  Certificate: explainCertificate,
};

function explainOne(file: string, input: Input, wanted: Wanted): Explained {
  const type = detectType(input.der, input.label);
  if (!type) {
    const label = input.label === undefined ? "" : ` ("${input.label}")`;
    const problem = `${file} is ${input.encoding}${label}, but no OCSP request or answer, CRL or certificate`;
    throw new Failure("badFile", problem, "give one of these");
  }
  if (wanted.type && type !== wanted.type) {
    const problem = `${file} is ${TYPES[type]}, not ${TYPES[wanted.type]}`;
    throw new Failure("badFile", problem, "vouch explain tells what it says");
  }
  try {
    const { fields, flaws } = EXPLAIN[type](input.der, wanted);
    return {
      file,
      input,
      type,
      fields,
      flaws: alikeOnce([...flaws, ...staleFlaws(fields, Date.now() / 1000)]),
    };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const remedy = `it begins as ${TYPES[type]} does, and is cut off or damaged: get it anew`;
    throw new Failure("badFile", `${file}: ${error.message}`, remedy);
  }
}

const TYPES: Readonly<Record<ExplainedType, string>> = {
  OCSPRequest: "an OCSP request",
  OCSPResponse: "an OCSP answer",
  CertificateList: "a CRL",
  Certificate: "a certificate",
};

function documentOf({ file, input, type, fields, flaws }: Explained) {
  const told = (...weights: Flaw["weight"][]) =>
    flaws
      .filter(({ weight }) => weights.includes(weight))
      .map(({ where, problem, rule }) => ({ where, problem, rule }));
  return {
    file,
    type,
    encoding: input.encoding,
    bytes: input.der.length,
    sha256: hash("sha256", input.der),
    ...fields,
    problems: told("error", "lapse"),
    warnings: told("advice"),
  };
}

function textOf({ input, type, fields, flaws }: Explained): string {
  const { der, encoding } = input;
  const head = `${coloured("bold", type)}, ${counted(der.length)} bytes (${encoding})`;
  return [head, fieldsText(fields, "  "), ...flaws.map(flawText)].join("\n");
}

/** A flaw on a line, for people. */
export function flawText({ where, problem, rule, weight }: Flaw): string {
  const label = weight === "advice" ? coloured("yellow", "note:") : coloured("red", "wrong:");
  return `${label} ${where}: ${problem} (${rule})`;
}
