import type { Stats } from "node:fs";
import { dataFile, lockFile } from "../config/data-files.ts";
import { groupNumber, STORE_MODES } from "../store/modes.ts";
import { modeText, statsOf } from "./file-access.ts";
import { type Finding, problem } from "./finding.ts";
import { shellWord } from "./shell-word.ts";

const GROUP = "vouch-store";

/** Whether the store's folder and files are open to whom they should be, and to nobody else. */
export function storeModes(folder: string): Finding[] {
  const gid = groupNumber(GROUP);
  const wanted: [string, number][] = [
    [folder, STORE_MODES.folder],
    [dataFile(folder), STORE_MODES.data],
    [lockFile(folder), STORE_MODES.lock],
  ];
  return wanted.flatMap(([path, mode]) => {
    const stats = statsOf(path);
    return stats ? accessFindings(path, stats, { mode, gid }) : [];
  });
}

/** What is wrong with one path's mode and, where the group exists on this machine, its group. */
export function accessFindings(
  path: string,
  found: Pick<Stats, "mode" | "gid">,
  wanted: { readonly mode: number; readonly gid: number | undefined },
): Finding[] {
  const findings: Finding[] = [];
  // First, since chown clears the set-group-ID bit.
  if (wanted.gid !== undefined && found.gid !== wanted.gid) {
    findings.push(
      problem({
        where: path,
        problem: `belongs to the group ${found.gid}, so responders in ${GROUP} cannot read it rightly`,
        do: `chgrp ${GROUP} ${shellWord(path)}`,
      }),
    );
  }
  if ((found.mode & 0o7777) !== wanted.mode) {
    findings.push(
      problem({
        where: path,
        problem: `has mode ${modeText(found.mode)} and must have ${modeText(wanted.mode)}`,
        do: `chmod ${modeText(wanted.mode)} ${shellWord(path)}`,
      }),
    );
  }
  return findings;
}
