import type { Command } from "commander";
import type { ClockOutlook, ClockReport } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { warn } from "./output.ts";

interface AcceptOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

/** Adds `vouch clock accept`. */
export function addClock(program: Command, run: Run): void {
  const clock = program
    .command("clock")
    .summary("this machine's clock, as signing relies on it")
    .description("Ends a stop of signing after this machine's clock jumped.")
    .addHelpText("after", examples("vouch clock accept --dry-run", "vouch clock accept"));
  clock
    .command("accept")
    .summary("end a stop of signing after the clock jumped")
    .description(
      "Takes this machine's clock as right from now on, and so ends a stop of signing. It stands in the journal: look at the clock first. What is signed by a clock that is ahead stays ahead.",
    )
    .option("--dry-run", "say what the clock is and what accepting it would bring; change nothing")
    .addHelpText(
      "after",
      examples("vouch clock accept --dry-run", "vouch clock accept", "vouch clock accept --json"),
    )
    .action(run((_options: unknown, command: Command) => accept(command.optsWithGlobals())));
}

async function accept(options: AcceptOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  return withAuthority(config, async (authority) => {
    const outlook = await authority.get<ClockOutlook>("/clock");
    for (const text of outlook.warnings) warn(text);
    if (options.dryRun) return { exitCode: 0, document: outlook, text: outlookText(outlook) };
    const report = await authority.post<ClockReport>("/clock/accept", { by: asker(process.env) });
    return { exitCode: 0, document: report, text: acceptText(report) };
  });
}

function outlookText({ isStopped, clock, expected }: ClockOutlook): string {
  if (!isStopped) return `signing is not stopped; the clock says ${clock}`;
  return `signing is stopped; the clock says ${clock}, and ${expected} was expected; nothing was changed`;
}

function acceptText({ changed, clock, expected, sequence }: ClockReport): string {
  if (changed === 0) return "signing was not stopped; nothing changed";
  return `done: the clock is accepted (journal ${sequence}); it says ${clock}, and ${expected} was expected`;
}
