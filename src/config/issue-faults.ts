import type { z } from "zod";
import { type Fault, shown } from "./fault.ts";
import { nearestWord } from "./nearest-word.ts";

/** What zod found, in the operator's words. */
export function issueFaults(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.flatMap(oneIssue);
}

function oneIssue(issue: z.core.$ZodIssue): Fault[] {
  const { path, message } = issue;
  if (issue.code === "custom") {
    const { do: remedy } = issue.params ?? {};
    return [{ path, problem: message, do: String(remedy) }];
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], key, message.split(" ")));
  }
  if (issue.code === "invalid_type") return [wrongShape(path, issue.expected, issue.input)];
  return [
    { path, problem: message, do: "write it as the README's section on configuration has it" },
  ];
}

function unknownKey(path: Fault["path"], key: string, known: readonly string[]): Fault {
  const near = nearestWord(key, known);
  const hint = near === undefined ? "remove it." : `did you mean ${near}?`;
  return { path, problem: "is not a known key", do: `${hint} Known here: ${known.join(", ")}` };
}

function wrongShape(path: Fault["path"], expected: string, input: unknown): Fault {
  const shape = expected === "array" ? "a list" : "a group of keys";
  if (path.length === 0) {
    const problem = `is ${shown(input ?? null)} but must be ${shape}`;
    return { path, problem, do: "write a new one with `vouch init DIR`, and start from that" };
  }
  if (input === undefined)
    return { path, problem: "is missing", do: `add it, ${shape}; [] for none` };
  const remedy =
    expected === "array" ? "write [ONE, TWO], or [] for none" : "indent its keys below it";
  return {
    path,
    problem: `is ${shown(input)} but must be ${shape}`,
    do: `${remedy}; or remove it`,
  };
}
