import { type Document, LineCounter, parseDocument } from "yaml";
import type { Problem } from "./config.ts";
import { type Fault, type FaultPath, pathText } from "./fault.ts";
import { Places } from "./places.ts";

/** So many aliases may stand for what an anchor holds; a file that multiplies itself is refused. */
const MOST_ALIASES = 1000;

/** A YAML file as plain values, which still knows the line of each. */
export interface Source {
  readonly value: unknown;
  /** What plain values cannot show: keys that stand twice. */
  readonly faults: readonly Fault[];
  /** The line of what stands at a path, or of the nearest that does, counted from 1. */
  line(path: FaultPath): number;
}

/** What was read, or why it cannot be: then every line that is not YAML, once. */
type SourceReading =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads YAML 1.2. */
export function readSource(file: string, text: string): SourceReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    schema: "core",
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const problems = syntaxProblems(file, document, lineCounter);
  if (problems.length > 0) return { ok: false, problems };
  const places = new Places(document, lineCounter);
  const value = plainValue(document);
  if (value !== undefined) return { ok: true, source: sourceOf(value, places) };
  const faults = places.faults.length > 0 ? places.faults : [tooManyAliases];
  return { ok: false, problems: faults.map((fault) => located(file, places, fault)) };
}

function sourceOf(value: unknown, places: Places): Source {
  return { value, faults: places.faults, line: (path) => places.line(path) };
}

/** Nothing when the document's aliases lead nowhere, or to too much. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** A fault with its place: `vouch.yaml:12 issuers[0].ocsp.validity`. */
export function located(file: string, source: Pick<Source, "line">, fault: Fault): Problem {
  const where = `${file}:${source.line(fault.path)} ${pathText(fault.path)}`.trimEnd();
  return { where, problem: fault.problem, do: fault.do };
}

function syntaxProblems(file: string, document: Document, lineCounter: LineCounter): Problem[] {
  const messages = new Map<number, string>();
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const { line } = lineCounter.linePos(pos[0]);
    // What follows on the same line is most often the echo of the first.
    if (!messages.has(line)) messages.set(line, message);
  }
  return [...messages].map(([line, message]) => ({
    where: `${file}:${line}`,
    problem: `is not YAML as Vouch reads it: ${message}`,
    do: "mend this line or the one before it; put text with special characters between quotes",
  }));
}

const tooManyAliases: Fault = {
  path: [],
  problem: `repeats its anchors more than ${MOST_ALIASES} times over`,
  do: "write the values out where they are used",
};
