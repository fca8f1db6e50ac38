import type { Flaw } from "../../der/flaw.ts";
import { parseRfc3339, type UnixSeconds } from "../../der/time.ts";
import type { Field, Fields } from "./explanation.ts";

/** What has run out by now: no flaw of what was explained, and worth a note. */
export function staleFlaws(fields: Fields, now: UnixSeconds): Flaw[] {
  const { responses } = fields;
  const parts: readonly Field[] = Array.isArray(responses) ? responses : [];
  return [
    ...pastFlaws("", fields, now),
    ...parts.flatMap((part, i) => pastFlaws(`responses[${i}].`, part as Fields, now)),
  ];
}

function pastFlaws(where: string, fields: Fields, now: UnixSeconds): Flaw[] {
  return ["notAfter", "nextUpdate"].flatMap((name) => {
    const { [name]: text } = fields;
    const at = typeof text === "string" ? parseRfc3339(text) : undefined;
    if (at === undefined || at >= now) return [];
    const problem = `it ran out on ${text}`;
    return [{ where: `${where}${name}`, problem, rule: "RFC 5280 6.1.3", weight: "advice" }];
  });
}
