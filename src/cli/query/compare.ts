import type { Answer } from "./answer.ts";

const NO_ANSWER = "noAnswer";

/** In what two answers for one certificate may differ in meaning. */
export type Difference = "status" | "reason" | "revocationDate" | "errors";

/** What one responder says, as far as it is compared. */
export interface Said {
  readonly url: string;
  /** good, revoked, unknown, an OCSP error's name, or `noAnswer`. */
  readonly status: string;
  readonly reason: string | null;
  readonly revocationDate: string | null;
  readonly problems: readonly string[];
}

/** One certificate on which two responders differ. */
export interface Disagreement {
  readonly serialNumber: string;
  readonly differs: readonly Difference[];
  readonly first: Said;
  readonly second: Said;
}

/** What `--compare` prints. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly compared: number;
  readonly same: number;
  readonly different: number;
  /** Certificates for which both give a status that is not to be relied on. */
  readonly bothWrong: number;
  /** Certificates that differ, by what they differ in. */
  readonly counts: Readonly<Record<Difference, number>>;
  /** Certificates by what both say: `good`, or `revoked/good` where they differ. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly differences: readonly Disagreement[];
}

/** Holds two responders' answers for the same certificates against each other. */
export function compareAnswers(pairs: readonly (readonly [Answer, Answer])[]): Comparison {
  const counts = { status: 0, reason: 0, revocationDate: 0, errors: 0 };
  const statuses: Record<string, number> = {};
  const differences: Disagreement[] = [];
  const bothWrong = pairs.filter((pair) => pair.every(isWrong)).length;
  for (const [one, other] of pairs) {
    const first = saidBy(one);
    const second = saidBy(other);
    const both = first.status === second.status ? first.status : `${first.status}/${second.status}`;
    statuses[both] = (statuses[both] ?? 0) + 1;
    const differs = differencesOf(first, second);
    for (const difference of differs) counts[difference]++;
    if (differs.length > 0) {
      differences.push({ serialNumber: one.serialNumber, differs, first, second });
    }
  }
  const [some] = pairs;
  return {
    first: some?.[0].url ?? "",
    second: some?.[1].url ?? "",
    compared: pairs.length,
    same: pairs.length - differences.length,
    different: differences.length,
    bothWrong,
    counts,
    statuses,
    differences,
  };
}

function isWrong({ certStatus, valid }: Answer): boolean {
  return certStatus !== null && !valid;
}

function saidBy(answer: Answer): Said {
  return {
    url: answer.url,
    status: answer.certStatus ?? answer.responseStatus ?? NO_ANSWER,
    reason: answer.reason,
    revocationDate: answer.revocationDate,
    problems: answer.problems.map(({ problem }) => problem),
  };
}

function differencesOf(first: Said, second: Said): Difference[] {
  if (first.status !== second.status) return ["status"];
  // Two that do not answer have not been compared.
  if (first.status === NO_ANSWER) return ["errors"];
  const differs: Difference[] = [];
  if (first.reason !== second.reason) differs.push("reason");
  if (first.revocationDate !== second.revocationDate) differs.push("revocationDate");
  const oneIsWrong = (first.problems.length === 0) !== (second.problems.length === 0);
  if (oneIsWrong) differs.push("errors");
  return differs;
}
