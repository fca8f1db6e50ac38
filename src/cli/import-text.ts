import type { BadLine, ImportReport } from "../authority/admin-import-types.ts";
import type { Outcome } from "./outcome.ts";
import { counted } from "./table.ts";

/** Bad lines that people are shown; `--json` has them all. */
const MOST_SHOWN = 50;

/** What an import came to; any bad line makes it a failure. */
export function importOutcome(
  unsorted: ImportReport,
  files: readonly string[],
  strict: boolean,
): Outcome {
  const report = { ...unsorted, bad: inOrder(unsorted.bad, files) };
  const hasBad = report.bad.length > 0;
  return {
    exitCode: hasBad ? 1 : 0,
    document: report,
    text: hasBad && strict ? nothingText(report) : doneText(report),
    notes: badNotes(report.bad),
  };
}

function doneText({ read, added, changed, unchanged, bad }: ImportReport): string {
  const counts = [
    `${counted(read)} read`,
    `${counted(added)} added`,
    `${counted(changed)} changed`,
    `${counted(unchanged)} unchanged`,
    `${counted(bad.length)} bad`,
  ];
  return `done: ${counts.join(", ")}`;
}

function nothingText({ read, bad }: ImportReport): string {
  return `nothing imported: ${counted(bad.length)} of ${counted(read)} lines are bad (--strict)`;
}

function badNotes(bad: readonly BadLine[]): string[] {
  const shown = bad
    .slice(0, MOST_SHOWN)
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const more = bad.length - shown.length;
  return more > 0 ? [...shown, `and ${counted(more)} more`] : shown;
}

/** By file as they were named, then by line; batches answer in any order. */
function inOrder(bad: readonly BadLine[], files: readonly string[]): BadLine[] {
  const place = (line: BadLine): number => files.findIndex((file) => line.file.startsWith(file));
  return bad.toSorted((a, b) => place(a) - place(b) || compare(a.file, b.file) || a.line - b.line);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
