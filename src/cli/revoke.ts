import type { Command } from "commander";
import { REVOCATION_REASONS } from "../x509/reason.ts";
import {
  addCertificates,
  addChangeOptions,
  type ChangeOptions,
  changeStatus,
} from "./change-command.ts";
import { examples } from "./examples.ts";
import type { Outcome, Run } from "./outcome.ts";
import { parseRevocationReason } from "./revocation-reason.ts";
import { pastTime } from "./time-option.ts";

interface RevokeOptions extends ChangeOptions {
  readonly reason?: string;
  readonly at?: string;
  readonly invalidityDate?: string;
}

/** Adds `vouch revoke`. */
export function addRevoke(program: Command, run: Run): void {
  const command = program
    .command("revoke")
    .summary("revoke certificates")
    .description("Revokes certificates. The change is on disk before this says that it is done.")
    .usage("[ISSUER] SERIAL|CERTFILE... --reason R [options]");
  addCertificates(command)
    .option("--reason <reason>", `why (required): ${REVOCATION_REASONS.join(", ")}`)
    .option(
      "--at <time>",
      "when it was revoked, RFC 3339 (default: now; what is on hold: since its hold at the latest)",
    )
    .option("--invalidity-date <time>", "since when the key was not to be trusted, RFC 3339");
  addChangeOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(
      run((given: string[], _options, made: Command) => revoke(given, made.optsWithGlobals())),
    );
}

const EXAMPLES = examples(
  "vouch revoke gov-1 0a:1b:2c --reason keyCompromise --request 118/CV-BCY",
  "vouch revoke ./leader.pem --reason cessationOfOperation",
  "vouch revoke gov-1 --file left.txt --reason affiliationChanged --dry-run",
  "vouch revoke gov-1 0a1b2c --reason keyCompromise --invalidity-date 2026-03-01T09:30:00+07:00",
);

async function revoke(given: readonly string[], options: RevokeOptions): Promise<Outcome> {
  const now = Date.now() / 1000;
  return changeStatus("revoke", given, options, {
    reason: parseRevocationReason(options.reason),
    revocationDate: pastTime("--at", options.at, now),
    invalidityDate: pastTime("--invalidity-date", options.invalidityDate, now),
  });
}
