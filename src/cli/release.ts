import type { Command } from "commander";
import {
  addCertificates,
  addChangeOptions,
  type ChangeOptions,
  changeStatus,
} from "./change-command.ts";
import { examples } from "./examples.ts";
import type { Run } from "./outcome.ts";

/** Adds `vouch release`. */
export function addRelease(program: Command, run: Run): void {
  const command = program
    .command("release")
    .summary("end the suspension of certificates")
    .description("Ends what vouch hold began: the certificates are good again, in OCSP at once.")
    .usage("[ISSUER] SERIAL|CERTFILE... [options]");
  addChangeOptions(addCertificates(command))
    .addHelpText("after", EXAMPLES)
    .action(
      run((given: string[], _options, made: Command) => {
        const options: ChangeOptions = made.optsWithGlobals();
        return changeStatus("release", given, options, {});
      }),
    );
}

const EXAMPLES = examples(
  "vouch release gov-1 0a:1b:2c --request 120/CV-BCY",
  "vouch release gov-1 --file found.txt --dry-run",
);
