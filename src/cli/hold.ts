import type { Command } from "commander";
import {
  addCertificates,
  addChangeOptions,
  type ChangeOptions,
  changeStatus,
} from "./change-command.ts";
import { examples } from "./examples.ts";
import type { Outcome, Run } from "./outcome.ts";
import { pastTime } from "./time-option.ts";

interface HoldOptions extends ChangeOptions {
  readonly at?: string;
}

/** Adds `vouch hold`. */
export function addHold(program: Command, run: Run): void {
  const command = program
    .command("hold")
    .summary("suspend certificates (certificateHold)")
    .description(
      'Suspends certificates until "vouch release", where the issuer has hold: true. OCSP says revoked, with the reason certificateHold.',
    )
    .usage("[ISSUER] SERIAL|CERTFILE... [options]");
  addCertificates(command).option("--at <time>", "since when, RFC 3339 (default: now)");
  addChangeOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(run((given: string[], _options, made: Command) => hold(given, made.optsWithGlobals())));
}

const EXAMPLES = examples(
  "vouch hold gov-1 0a:1b:2c --request 119/CV-BCY",
  "vouch hold ./leader.pem --at 2026-03-01T09:30:00+07:00",
  "vouch hold gov-1 --file lost.txt --dry-run",
);

async function hold(given: readonly string[], options: HoldOptions): Promise<Outcome> {
  const revocationDate = pastTime("--at", options.at, Date.now() / 1000);
  return changeStatus("hold", given, options, { revocationDate });
}
