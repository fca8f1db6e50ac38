import { resolve } from "node:path";
import { z } from "zod";
import { shown } from "./fault.ts";
import { nearestWord } from "./nearest-word.ts";

/** What a written value means; or what it must be, or what is wrong where it may not be shown; and what to do. */
export type Reading<T> =
  | { readonly value: T }
  | { readonly must: string; readonly do: string }
  | { readonly problem: string; readonly do: string };

/** A value that stands in one place of the file: `read` understands it or says what it must be. */
export function scalar<T>(read: (raw: unknown) => Reading<T>): z.ZodType<T> {
  return z.unknown().transform((raw, ctx): T => {
    const reading = read(raw);
    if ("value" in reading) return reading.value;
    const message = raw === undefined ? "is missing" : wrong(raw, reading);
    ctx.issues.push({ code: "custom", input: raw, message, params: { do: reading.do } });
    return z.NEVER;
  });
}

function wrong(raw: unknown, reading: Exclude<Reading<unknown>, { value: unknown }>): string {
  return "problem" in reading ? reading.problem : `is ${shown(raw)} but must be ${reading.must}`;
}

/** One of a few words. */
export function word<const W extends string>(...words: readonly W[]): z.ZodType<W> {
  const choices = words.join(" or ");
  return scalar((raw) => {
    const value = words.find((one) => one === raw);
    if (value !== undefined) return { value };
    const near = typeof raw === "string" ? nearestWord(raw, words) : undefined;
    return { must: choices, do: near ? `did you mean ${near}?` : `write ${choices}` };
  });
}

/** true or false; YAML 1.2 has no yes and no. */
export function flag(): z.ZodType<boolean> {
  return scalar((raw) =>
    typeof raw === "boolean"
      ? { value: raw }
      : { must: "true or false", do: "write true or false, without quotes" },
  );
}

/** A whole number between two bounds, both included. */
export function integer(least: number, most: number): z.ZodType<number> {
  return scalar((raw) =>
    typeof raw === "number" && Number.isInteger(raw) && raw >= least && raw <= most
      ? { value: raw }
      : { must: `an integer from ${least} to ${most}`, do: `write a number, such as ${least}` },
  );
}

/** A whole number from 1, or `auto`, which `auto` works out on this machine. */
export function count(auto: () => number): z.ZodType<number> {
  return scalar((raw) => {
    if (raw === "auto") return { value: auto() };
    return typeof raw === "number" && Number.isSafeInteger(raw) && raw >= 1
      ? { value: raw }
      : { must: "an integer of at least 1, or auto", do: "write auto, or a number such as 2" };
  });
}

/** A file's name, made absolute from the folder of the configuration file. */
export function fileName(folder: string, example: string): z.ZodType<string> {
  return scalar((raw) => readFileName(folder, example, raw));
}

/** As `fileName`, for values that may also be something else. */
export function readFileName(folder: string, example: string, raw: unknown): Reading<string> {
  return typeof raw === "string" && raw !== "" && !raw.includes("\0")
    ? { value: resolve(folder, raw) }
    : { must: "the name of a file or folder", do: `write its name, such as ${example}` };
}
