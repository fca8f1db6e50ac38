import type { Command } from "commander";
import { addCrlIssue } from "./crl-issue.ts";
import { addCrlList } from "./crl-list.ts";
import { addCrlDiff } from "./crl-tools/diff.ts";
import { addCrlExplain } from "./crl-tools/explain.ts";
import { addCrlVerify } from "./crl-tools/verify.ts";
import { examples } from "./examples.ts";
import type { Run } from "./outcome.ts";

/** Adds `vouch crl` with its own commands. */
export function addCrl(program: Command, run: Run): void {
  const crl = program
    .command("crl")
    .summary("issue, list, compare, explain and verify CRLs")
    .description("Issues and lists CRLs; compares, explains and verifies those of any CA.")
    .addHelpText(
      "after",
      examples(
        "vouch crl issue gov-1",
        "vouch crl list",
        "vouch crl diff old.crl new.crl",
        "vouch crl verify gov-1.crl --issuer gov-1.pem",
      ),
    );
  addCrlIssue(crl, run);
  addCrlList(crl, run);
  addCrlDiff(crl, run);
  addCrlExplain(crl, run);
  addCrlVerify(crl, run);
}
