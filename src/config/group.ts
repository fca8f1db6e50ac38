import { z } from "zod";
import type { Fault } from "./fault.ts";

/**
 * What a rule sees of a group of keys: values that were understood, and in place of each that was
 * wrong by itself something of another type, or nothing. So a rule runs whatever else is wrong.
 */
export type Draft<Keys extends string> = { readonly [K in Keys]?: unknown };

/** A group of keys, with none that is not known. */
export function group<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(" ");
  return z.strictObject(shape, {
    // The one thing that zod's refusal of unknown keys does not tell: which are known.
    error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined),
  });
}

/** Adds a rule over the parts of a group or list. It also runs on drafts, but not on what is no group or list at all. */
export function ruled<T extends z.ZodType>(
  schema: T,
  find: (draft: z.output<T>) => readonly Fault[],
): T {
  return schema.superRefine(
    (draft, ctx) => {
      for (const fault of find(draft)) {
        const { path, problem, do: remedy } = fault;
        ctx.addIssue({ code: "custom", message: problem, path: [...path], params: { do: remedy } });
      }
    },
    { when: ({ value }) => (schema instanceof z.ZodArray ? isList(value) : isGroup(value)) },
  );
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function isGroup(value: unknown): boolean {
  return typeof value === "object" && value !== null && !isList(value);
}
