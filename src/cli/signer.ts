import type { Command } from "commander";
import { examples } from "./examples.ts";
import type { Run } from "./outcome.ts";
import { addSignerList } from "./signer-list.ts";
import { addSignerWithdraw } from "./signer-withdraw.ts";

/** Adds `vouch signer` with its own commands. */
export function addSigner(program: Command, run: Run): void {
  const signer = program
    .command("signer")
    .summary("signers of OCSP answers")
    .description("Lists the signers of OCSP answers, and withdraws one whose key is compromised.")
    .addHelpText("after", examples("vouch signer list", "vouch signer withdraw gov-1 7e57"));
  addSignerList(signer, run);
  addSignerWithdraw(signer, run);
}
