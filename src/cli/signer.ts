import type { Command } from "commander";
import { examples } from "./examples.ts";
import type { Run } from "./outcome.ts";
import { addSignerCsr } from "./signer-csr.ts";
import { addSignerList } from "./signer-list.ts";
import { addSignerRehearse } from "./signer-rehearse.ts";
import { addSignerWithdraw } from "./signer-withdraw.ts";

/** Adds `vouch signer` with its own commands. */
export function addSigner(program: Command, run: Run): void {
  const signer = program
    .command("signer")
    .summary("signers of OCSP answers")
    .description(
      "The signers of OCSP answers: lists them, makes and tries new ones, withdraws one whose key is compromised.",
    )
    .addHelpText("after", examples("vouch signer list", "vouch signer withdraw gov-1 7e57"));
  addSignerList(signer, run);
  addSignerCsr(signer, run);
  addSignerRehearse(signer, run);
  addSignerWithdraw(signer, run);
}
