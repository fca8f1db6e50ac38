import type { Command } from "commander";
import { addCrlIssue } from "./crl-issue.ts";
import { addCrlList } from "./crl-list.ts";
import { examples } from "./examples.ts";
import type { Run } from "./outcome.ts";

/** Adds `vouch crl` with its own commands. */
export function addCrl(program: Command, run: Run): void {
  const crl = program
    .command("crl")
    .summary("issue and list CRLs")
    .description("Issues and lists CRLs.")
    .addHelpText("after", examples("vouch crl issue gov-1", "vouch crl list"));
  addCrlIssue(crl, run);
  addCrlList(crl, run);
}
