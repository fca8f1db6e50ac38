import type { Command } from "commander";
import type { Problem } from "../config/config.ts";
import { configurationFile, problemText } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { coloured, warn } from "./output.ts";

/** Adds `vouch check`. */
export function addCheck(program: Command, run: Run): void {
  program
    .command("check")
    .summary("find what is wrong before it hurts")
    .description(
      "Checks configuration, keys, certificates, store, clock, disk and files' modes, with the daemon up or down, and says what to do about each fault.",
    )
    .addHelpText("after", examples("vouch check", "vouch check --config new.yaml --json"))
    .action(run((_options: unknown, command: Command) => check(command.optsWithGlobals())));
}

async function check(options: CommonOptions): Promise<Outcome> {
  const file = await configurationFile(options.config);
  const { checkSetup } = await import("../setup/check.ts");
  const { ok, problems, warnings } = await checkSetup(file);
  for (const warning of warnings) warn(problemText(warning));
  return { exitCode: ok ? 0 : 2, document: { ok, problems }, text: checkText(file, problems) };
}

function checkText(file: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return `${coloured("green", "ok:")} ${file}`;
  return problems.map(problemText).join("\n");
}
