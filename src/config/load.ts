import { readFile } from "node:fs/promises";
import type { Config, Problem } from "./config.ts";
import type { Fault } from "./fault.ts";
import { issueFaults } from "./issue-faults.ts";
import { configSchema } from "./schema.ts";
import { soundPart } from "./sound-part.ts";
import { located, readSource, type Source } from "./source.ts";
import { configWarnings } from "./warnings.ts";

/** A configuration that can be run, or every problem that keeps it from running. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** What is sound of it, to look at; nothing where the file cannot be read so far. */
      readonly soundPart?: Config | undefined;
    };

/**
 * Reads and checks a configuration file, without looking at the files that it names. Problems come
 * all at once, in the order of their lines; `where` names the file as it was given.
 */
export async function loadConfig(file: string): Promise<LoadResult> {
  const text = await readText(file);
  if (typeof text !== "string") return { ok: false, problems: [text] };
  const reading = readSource(file, text);
  if (!reading.ok) return reading;
  const { source } = reading;
  const schema = configSchema(file);
  const result = schema.safeParse(source.value, { reportInput: true });
  const faults = [...source.faults, ...issueFaults(result.error?.issues ?? [])];
  if (!result.success || faults.length > 0) {
    const problems = problemsOf(file, source, faults);
    return { ok: false, problems, soundPart: soundPart(schema, source.value, faults) };
  }
  const config = deepFreeze(result.data);
  return { ok: true, config, warnings: problemsOf(file, source, configWarnings(config)) };
}

function problemsOf(file: string, source: Source, faults: readonly Fault[]): Problem[] {
  return faults
    .toSorted((a, b) => source.line(a.path) - source.line(b.path))
    .map((fault) => located(file, source, fault));
}

async function readText(file: string): Promise<string | Problem> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    return { where: file, ...whyUnreadable(error as NodeJS.ErrnoException) };
  }
}

function whyUnreadable({ code, message }: NodeJS.ErrnoException): Omit<Problem, "where"> {
  const create = "make a new one with `vouch init DIR`";
  if (code === "ENOENT") {
    const problem = "there is no such configuration file";
    return { problem, do: `${create}, or name yours with --config FILE` };
  }
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return { problem: "is not UTF-8 text", do: `save it as UTF-8, or ${create}` };
  }
  const remedy = `let the user that runs vouch read it, or ${create}`;
  return { problem: `cannot be read: ${message}`, do: remedy };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
