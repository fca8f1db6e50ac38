import type { Flaw } from "../der/flaw.ts";
import { type AlgorithmIdentifier, parametersOf } from "./algorithm-identifier.ts";

/** What the parameters of each signature algorithm have to be; PSS is the one with real ones. */
const RULES: readonly (readonly [RegExp, "NULL" | "absent", string])[] = [
  [/^1\.2\.840\.113549\.1\.1\.(4|5|11|12|13|14)$/, "NULL", "RFC 4055 5"],
  [/^1\.2\.840\.10045\.4\.(1|3\.[1-4])$/, "absent", "RFC 5758 3.2"],
  [/^1\.2\.840\.10040\.4\.3$|^2\.16\.840\.1\.101\.3\.4\.3\.2$/, "absent", "RFC 5758 3.1"],
  [/^1\.3\.101\.11[23]$/, "absent", "RFC 8410 3"],
  [/^2\.16\.840\.1\.101\.3\.4\.3\.1[789]$/, "absent", "RFC 9881 2"],
];

/** Signatures with a hash that collides can be moved to other content. */
const BROKEN = /^1\.2\.840\.(113549\.1\.1\.[45]|10045\.4\.1|10040\.4\.3)$/;

/** What a signature's AlgorithmIdentifier has against the RFCs. */
export function algorithmFlaws(algorithm: AlgorithmIdentifier, where: string): Flaw[] {
  const flaws: Flaw[] = [];
  const rule = RULES.find(([oid]) => oid.test(algorithm.oid));
  const found = parametersOf(algorithm);
  if (rule && found !== rule[1]) {
    const problem = `its parameters are ${found === "absent" ? "absent" : `${found}`} and have to be ${rule[1]}`;
    flaws.push({ where, problem, rule: rule[2], weight: "error" });
  }
  if (BROKEN.test(algorithm.oid)) {
    const problem = "a signature over a SHA-1 or MD5 hash, which relying parties refuse";
    flaws.push({ where, problem, rule: "RFC 6194 3", weight: "advice" });
  }
  return flaws;
}
