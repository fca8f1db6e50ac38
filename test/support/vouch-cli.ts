import { fileURLToPath } from "node:url";
import { type Ended, type RunOptions, run } from "./run-program.ts";

/** The project's folder. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The pinned runtime. */
export const NODE: string = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

/** The environment that Vouch runs in: ours, without what would choose a configuration. */
export function vouchEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { VOUCH_CONFIG: _config, NODE_OPTIONS: _options, ...env } = process.env;
  return { ...env, ...more };
}

/** How a command ended; `json` is its one document when it was asked for with `json: true`. */
export interface VouchEnded extends Ended {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents whose shape is what they test
  readonly json: any;
}

/** With what a command is run. */
export interface VouchOptions extends RunOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Runs `vouch COMMAND …` to its end. Throws when `--json` did not give exactly one document. */
export async function vouch(
  args: readonly string[],
  options: VouchOptions = {},
): Promise<VouchEnded> {
  const { config, json = false, ...rest } = options;
  const more = [...(config === undefined ? [] : ["--config", config]), ...(json ? ["--json"] : [])];
  const ended = await run(NODE, ["src/vouch.js", ...args, ...more], {
    cwd: ROOT,
    ...rest,
    env: vouchEnvironment(rest.env),
  });
  return { ...ended, json: json ? parseDocument(args, ended) : undefined };
}

function parseDocument(args: readonly string[], { code, stdout, stderr }: Ended): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    const what = `vouch ${args.join(" ")} --json: exit ${code}, no single JSON document`;
    throw new Error(`${what}\nstdout: ${stdout}\nstderr: ${stderr}`);
  }
}
