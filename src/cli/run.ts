import { CommanderError } from "commander";
import { EXIT_CODES, failureOf } from "./failure.ts";
import type { Outcome, Run } from "./outcome.ts";
import { forgiveUnwritten, printFailure, printOutcome } from "./output.ts";
import { vouchProgram } from "./program.ts";

/** What a start that failed half-way leaves (listeners, threads, timers) would keep the process for ever. */
const LEFTOVER_MS = 1_000;

/**
 * Runs the command that the arguments name, prints what it came to, and returns the exit code:
 * 0 done, 1 refused or failed, 2 wrong usage or configuration, 4 the authority cannot be reached.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  forgiveUnwritten();
  const json = asksForJson(argv);
  try {
    const outcome = await perform(argv);
    printOutcome(outcome, json);
    return outcome.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return 0;
    const failure = failureOf(thrown);
    printFailure(failure, json);
    const exitCode = EXIT_CODES[failure.code];
    endInSpite(exitCode);
    return exitCode;
  }
}

/** Known before the rest is parsed, so that wrong usage is a JSON document, too. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}

async function perform(argv: readonly string[]): Promise<Outcome> {
  let outcome: Outcome = { exitCode: 0 };
  const run: Run =
    (action) =>
    async (...given) => {
      outcome = await action(...given);
    };
  await vouchProgram(run).parseAsync(argv, { from: "user" });
  return outcome;
}

/** Ends this process, which has failed, whatever still keeps it. */
function endInSpite(exitCode: number): void {
  setTimeout(() => process.exit(exitCode), LEFTOVER_MS).unref();
}
