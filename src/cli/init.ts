import type { Command } from "commander";
import type { InitReport } from "../setup/init.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { withProgress } from "./progress.ts";

interface InitOptions extends CommonOptions {
  readonly demo?: true;
}

/** Adds `vouch init`. */
export function addInit(program: Command, run: Run): void {
  program
    .command("init")
    .summary("make a folder to start from")
    .description(
      "Writes DIR/config/vouch.yaml, DIR/config/pki/ and DIR/var/ and makes the empty store. Nothing is overwritten. With --config, makes only the store that this file names.",
    )
    .usage("DIR [--demo] | --config FILE")
    .argument("[folder]", "where to start")
    .option("--demo", "add a throw-away PKI with certificates in several states")
    .addHelpText(
      "after",
      examples(
        "vouch init . --demo",
        "vouch init /srv/vouch",
        "vouch init --config /etc/vouch/vouch.yaml",
      ),
    )
    .action(
      run((folder: string | undefined, _options, command: Command) =>
        init(folder, command.optsWithGlobals()),
      ),
    );
}

async function init(folder: string | undefined, options: InitOptions): Promise<Outcome> {
  const report = await chooseInit(folder, options);
  return { exitCode: 0, document: report, text: initText(report) };
}

async function chooseInit(folder: string | undefined, options: InitOptions): Promise<InitReport> {
  if (folder !== undefined && options.config === undefined) {
    return makeFolder(folder, options.demo ?? false);
  }
  if (folder === undefined && options.config !== undefined && !options.demo) {
    const { initStore } = await import("../setup/init.ts");
    return initStore(options.config);
  }
  throw new Failure(
    "usage",
    "init makes a folder or a store",
    "give DIR [--demo], or --config FILE",
  );
}

/** Makes a folder to start from, and shows how far it is. */
export async function makeFolder(folder: string, demo: boolean): Promise<InitReport> {
  const { initFolder } = await import("../setup/init.ts");
  return withProgress("making", (progress) => initFolder(folder, { demo, onProgress: progress }));
}

/** What was made and what was there already, a line each. */
export function initText({ config, made, kept }: InitReport): string {
  return [
    ...made.map((path) => `made  ${path}`),
    ...kept.map((path) => `kept  ${path}`),
    `done: the configuration is ${config}`,
  ].join("\n");
}
