import type { Command } from "commander";
import { readConfigurationAloud } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";

/** Adds `vouch serve`. */
export function addServe(program: Command, run: Run): void {
  program
    .command("serve")
    .summary("run everything on one machine")
    .description(
      "Runs authority and responders under one supervisor until it is stopped: SIGTERM ends it, SIGHUP is vouch reload.",
    )
    .addHelpText("after", examples("vouch serve", "vouch serve --config /etc/vouch/vouch.yaml"))
    .action(run((_options: unknown, command: Command) => runServe(command.optsWithGlobals())));
}

async function runServe(options: CommonOptions): Promise<Outcome> {
  const config = await readConfigurationAloud(options.config);
  const { serve } = await import("../supervisor/serve.ts");
  return { exitCode: await serve(config, { json: options.json ?? false }) };
}
