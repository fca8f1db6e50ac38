import type { Command } from "commander";
import type { ClockReport } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";

/** Adds `vouch clock accept`. */
export function addClock(program: Command, run: Run): void {
  const clock = program
    .command("clock")
    .summary("this machine's clock, as signing relies on it")
    .description("Ends a stop of signing after this machine's clock jumped.")
    .addHelpText("after", examples("vouch clock accept"));
  clock
    .command("accept")
    .summary("end a stop of signing after the clock jumped")
    .description(
      "Takes this machine's clock as right from now on, and so ends a stop of signing. It stands in the journal: look at the clock first.",
    )
    .addHelpText("after", examples("vouch clock accept", "vouch clock accept --json"))
    .action(run((_options: unknown, command: Command) => accept(command.optsWithGlobals())));
}

async function accept(options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const report = await withAuthority(config, (authority) =>
    authority.post<ClockReport>("/clock/accept", { by: asker(process.env) }),
  );
  return { exitCode: 0, document: report, text: acceptText(report) };
}

function acceptText({ changed, clock, expected, sequence }: ClockReport): string {
  if (changed === 0) return "signing was not stopped; nothing changed";
  return `done: the clock is accepted (journal ${sequence}); it says ${clock}, and ${expected} was expected`;
}
