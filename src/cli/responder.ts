import type { Command } from "commander";
import type { PartOptions } from "./authority.ts";
import { readConfigurationAloud } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { Outcome, Run } from "./outcome.ts";

/** Adds `vouch responder`. */
export function addResponder(program: Command, run: Run): void {
  program
    .command("responder")
    .summary("run only a responder: OCSP and CRLs over HTTP")
    .description(
      "Runs one process that answers the network from the store, without any key, until it is stopped.",
    )
    .option("--ops <address>", "where /metrics, /healthz and /readyz are (default: nowhere)")
    .addHelpText(
      "after",
      examples("vouch responder --config /etc/vouch/vouch.yaml --ops 127.0.0.1:9465"),
    )
    .action(run((_options: unknown, command: Command) => responder(command.optsWithGlobals())));
}

async function responder(options: PartOptions): Promise<Outcome> {
  const config = await readConfigurationAloud(options.config);
  const { runResponder } = await import("../responder/main.ts");
  return { exitCode: await runResponder(config, { ops: options.ops }) };
}
