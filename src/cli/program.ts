import { readFileSync } from "node:fs";
import { Command, type CommanderError } from "commander";
import { addAuthority } from "./authority.ts";
import { addCheck } from "./check.ts";
import { addClock } from "./clock.ts";
import { addCrl } from "./crl.ts";
import { examples } from "./examples.ts";
import { addExplain } from "./explain/explain.ts";
import { Failure } from "./failure.ts";
import { addHistory } from "./history.ts";
import { addHold } from "./hold.ts";
import { addImport } from "./import.ts";
import { addInit } from "./init.ts";
import type { Run } from "./outcome.ts";
import { addQuery } from "./query/query.ts";
import { addReconcile } from "./reconcile.ts";
import { addRelease } from "./release.ts";
import { addReload } from "./reload.ts";
import { addResponder } from "./responder.ts";
import { addRevoke } from "./revoke.ts";
import { addServe } from "./serve.ts";
import { addSigner } from "./signer.ts";
import { addStart } from "./start.ts";
import { addStats } from "./stats.ts";
import { addStatus } from "./status.ts";

/** Every command, in the order of the operator's life. */
const COMMANDS = [
  addInit,
  addCheck,
  addServe,
  addAuthority,
  addResponder,
  addImport,
  addReconcile,
  addRevoke,
  addHold,
  addRelease,
  addStatus,
  addHistory,
  addCrl,
  addSigner,
  addClock,
  addStats,
  addQuery,
  addExplain,
  addReload,
  addStart,
];

/** The whole command line: help, options, commands. Wrong usage is thrown as a `Failure`. */
export function vouchProgram(run: Run): Command {
  const program = new Command("vouch")
    .description("Answers whether certificates are still good: OCSP and CRLs, day and night.")
    .option(
      "-c, --config <file>",
      "the configuration (default: VOUCH_CONFIG, ./config/vouch.yaml, /etc/vouch/vouch.yaml)",
    )
    .option("--json", "one JSON document on standard output, also on failure")
    .version(version(), "--version", "tell the version")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", EXAMPLES);
  for (const add of COMMANDS) add(program, run);
  throwUsage(program);
  return program;
}

const EXAMPLES = `${examples(
  "vouch init . --demo && vouch serve",
  "vouch import gov-1 /srv/ca/index.txt",
  "vouch revoke gov-1 0a:1b:2c --reason keyCompromise --request 118/CV-BCY",
  "vouch status gov-1 0a1b2c --json",
  "vouch crl issue gov-1",
)}

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or configuration,
3 recorded and waiting for approval, 4 the authority cannot be reached.`;

/** Makes commander throw instead of exiting, in every command. */
function throwUsage(command: Command): void {
  command.exitOverride((error) => {
    throw usageOf(error, command);
  });
  for (const one of command.commands) throwUsage(one);
}

/** Commander's error as ours; asked-for help and version are no error and stay as they are. */
function usageOf(error: CommanderError, command: Command): Error {
  if (error.exitCode === 0) return error;
  const name = fullName(command);
  if (error.code === "commander.help") {
    return new Failure("usage", `${name} needs a command`, `see "${name} --help"`);
  }
  return new Failure("usage", error.message.replace(/^error: /, ""), `see "${name} --help"`);
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
