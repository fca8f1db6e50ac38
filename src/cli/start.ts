import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import type { Config, ListenAddress } from "../config/config.ts";
import { readConfigurationAloud } from "./configuration.ts";
import { examples } from "./examples.ts";
import { initText, makeFolder } from "./init.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { tell } from "./output.ts";

const STARTING_FILE = "config/vouch.yaml";

/** Adds the command of `npm start`, which help does not list. */
export function addStart(program: Command, run: Run): void {
  program
    .command("start", { hidden: true })
    .description(
      `Makes the demo where ${STARTING_FILE} is missing, serves, and says what to try next.`,
    )
    .addHelpText("after", examples("npm start"))
    .action(run((_options: unknown, command: Command) => start(command.optsWithGlobals())));
}

async function start(options: CommonOptions): Promise<Outcome> {
  const file = options.config ?? STARTING_FILE;
  if (file === STARTING_FILE && !existsSync(file)) tell(initText(await makeFolder(".", true)));
  const config = await readConfigurationAloud(file);
  const { serve } = await import("../supervisor/serve.ts");
  return { exitCode: await serve(config, { onServing: () => printWhatToTry(config) }) };
}

/** The demo's lines to try; nothing where the demo's files are not there. */
async function printWhatToTry(config: Config): Promise<void> {
  const { demoFiles } = await import("../setup/demo-pki.ts");
  const { tryItLines } = await import("../setup/try-it.ts");
  const demo = demoFiles(join(dirname(config.file), "pki")).filter(({ goodFile }) =>
    existsSync(goodFile),
  );
  if (demo.length === 0) return;
  const publicUrl = urlOf(config.public.http);
  const opsUrl = urlOf(config.ops);
  tell(await tryItLines({ publicUrl, opsUrl, folder: process.cwd(), issuers: demo }));
}

function urlOf({ host, port }: ListenAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
