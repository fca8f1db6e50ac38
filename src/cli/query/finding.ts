import type { Flaw } from "../../der/flaw.ts";

/** Something about an answer, and what to do about it. An error makes the answer one not to rely on. */
export interface Finding {
  readonly weight: "error" | "advice";
  readonly problem: string;
  readonly do: string;
}

/** An answer must not be relied on because of it. */
export function wrong(problem: string, remedy: string): Finding {
  return { weight: "error", problem, do: remedy };
}

/** Relying parties take the answer none the less. */
export function advice(problem: string, remedy: string): Finding {
  return { weight: "advice", problem, do: remedy };
}

/** What the responder's encoding has against the RFCs, as a finding; what relying parties accept is advice. */
export function findingOf({ where, problem, rule, weight }: Flaw): Finding {
  return {
    weight: weight === "error" ? "error" : "advice",
    problem: `${where}: ${problem}`,
    do: `have the responder mended: ${rule}`,
  };
}
