import type { z } from "zod";
import { type Fault, type FaultPath, pathText } from "./fault.ts";
import { issueFaults } from "./issue-faults.ts";

/** What is taken away may leave faults of its own, such as a list that is empty now. */
const MOST_TRIES = 5;
/** Of an issuer whose faults are in these, what is left would be judged wrongly. */
const WHOLE_ISSUER: ReadonlySet<PropertyKey> = new Set(["certificate", "signers", "signer"]);

/**
 * A configuration without the keys that are at fault, so that what the sound ones name can be looked at all the
 * same; nothing where too little is left.
 */
export function soundPart<T>(
  schema: z.ZodType<T>,
  value: unknown,
  faults: readonly Fault[],
): T | undefined {
  let left = value;
  let wrong = faults;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    // One key may have several faults, and is there to be removed once.
    const paths = new Map(wrong.map(({ path }) => [pathText(removed(path)), removed(path)]));
    for (const path of [...paths.values()].toSorted(fromTheEnd)) left = without(left, path);
    const result = schema.safeParse(left, { reportInput: true });
    if (result.success) return result.data;
    wrong = issueFaults(result.error.issues);
  }
  return undefined;
}

/** What has to go for the fault at a path. */
function removed(path: FaultPath): FaultPath {
  const isIssuer = path[0] === "issuers" && path.some((step) => WHOLE_ISSUER.has(step));
  return isIssuer ? path.slice(0, 2) : path;
}

/** Later ones of a list first, or the places of those after them would change. */
function fromTheEnd(a: FaultPath, b: FaultPath): number {
  const at = a.findIndex((step, i) => step !== b[i]);
  const [one, other] = [a[at], b[at]];
  return typeof one === "number" && typeof other === "number" ? other - one : b.length - a.length;
}

/** The value without what stands at the path, or where nothing does, without what it should stand in. */
function without(value: unknown, path: FaultPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) return undefined;
  const inner = (value as Record<PropertyKey, unknown>)[step];
  if (inner === undefined) return undefined;
  const remains = without(inner, rest);
  if (Array.isArray(value)) return value.flatMap((one, i) => (i === step ? (remains ?? []) : one));
  const { [step as string]: _, ...others } = value as Record<string, unknown>;
  return remains === undefined ? others : { ...others, [step]: remains };
}
