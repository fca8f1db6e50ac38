import { coloured } from "../output.ts";
import { counted, table } from "../table.ts";
import type { Comparison, Disagreement, Said } from "./compare.ts";

const MOST_SHOWN = 50;

/** A comparison for people: counts, then where the two differ. */
export function comparisonText(comparison: Comparison): string {
  const { first, second, compared, different, bothWrong, counts, statuses, differences } =
    comparison;
  const verdict =
    different === 0
      ? coloured("green", `no difference in ${counted(compared)}`)
      : coloured("red", `${counted(different)} of ${counted(compared)} differ`);
  const head = table([
    ["first", first],
    ["second", second],
    ["verdict", verdict],
    ...Object.entries(statuses).map(([both, count]) => [saidLabel(both), counted(count)]),
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => [`differ in ${what}`, counted(count)]),
    ...(bothWrong > 0 ? [["not to be relied on from either", counted(bothWrong)]] : []),
  ]);
  const shown = differences.slice(0, MOST_SHOWN).map(differenceText);
  const left = differences.length - shown.length;
  return [head, ...shown, ...(left > 0 ? [`and ${counted(left)} more: see --json`] : [])].join(
    "\n",
  );
}

function saidLabel(both: string): string {
  const [first, second] = both.split("/");
  return second === undefined ? `both say ${first}` : `${first}, and second ${second}`;
}

function differenceText({ serialNumber, differs, first, second }: Disagreement): string {
  return `${coloured("bold", serialNumber)}: ${differs.join(", ")}\n${saidText("first", first)}\n${saidText("second", second)}`;
}

function saidText(which: string, { status, reason, revocationDate, problems }: Said): string {
  const revoked = revocationDate === null ? "" : ` on ${revocationDate}, ${reason}`;
  const wrong = problems.map((problem) => `\n    wrong: ${problem}`).join("");
  return `  ${which} says ${status}${revoked}${wrong}`;
}
