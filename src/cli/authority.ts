import type { Command } from "commander";
import { readConfigurationAloud } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";

/** Options of a part that runs alone, as one systemd unit of several. */
export interface PartOptions extends CommonOptions {
  readonly ops?: string;
}

/** Adds `vouch authority`. */
export function addAuthority(program: Command, run: Run): void {
  program
    .command("authority")
    .summary("run only the authority: keys, store, CRLs")
    .description("Runs the process that holds the keys and writes the store, until it is stopped.")
    .option(
      "--ops <address>",
      "where /metrics, /healthz and /readyz are (default: ops of the file)",
    )
    .addHelpText(
      "after",
      examples("vouch authority --config /etc/vouch/vouch.yaml --ops 127.0.0.1:9464"),
    )
    .action(run((_options: unknown, command: Command) => authority(command.optsWithGlobals())));
}

async function authority(options: PartOptions): Promise<Outcome> {
  const config = await readConfigurationAloud(options.config);
  const { runAuthority } = await import("../authority/main.ts");
  return { exitCode: await runAuthority(config, { ops: options.ops }) };
}
