import { modeText, statsOf } from "./file-access.ts";
import { type Finding, problem } from "./finding.ts";

/** Who may not read a file, and what an operator is told of one that is open to them. */
interface Closed {
  /** The bits of its mode that must not be set. */
  readonly closedTo: number;
  readonly whom: string;
  readonly what: string;
  readonly do: string;
}

/** Whether a secret file is open to whom it must be closed to; one that is missing is others' to tell. */
export function openFile(file: string, { closedTo, whom, what, do: remedy }: Closed): Finding[] {
  const mode = statsOf(file)?.mode;
  if (mode === undefined || (mode & closedTo) === 0) return [];
  const told = `is open to ${whom} (mode ${modeText(mode)}), and ${what}`;
  return [problem({ where: file, problem: told, do: remedy })];
}
