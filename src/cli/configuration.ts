import type { Config, IssuerConfig, Problem } from "../config/config.ts";
import { Failure } from "./failure.ts";
import { warn } from "./output.ts";

/** The file that is named, or found where Vouch looks. */
export async function configurationFile(option: string | undefined): Promise<string> {
  const { findConfig } = await import("../config/find.ts");
  return findConfig(option, process.env);
}

/** The configuration, or a failure that lists every problem in it. */
export async function readConfiguration(option: string | undefined): Promise<Config> {
  const { config } = await load(option);
  return config;
}

/** As `readConfiguration`, with its warnings told; for what runs until it is stopped. */
export async function readConfigurationAloud(option: string | undefined): Promise<Config> {
  const { config, warnings } = await load(option);
  for (const warning of warnings) warn(problemText(warning));
  return config;
}

async function load(
  option: string | undefined,
): Promise<{ config: Config; warnings: readonly Problem[] }> {
  const { loadConfig } = await import("../config/load.ts");
  const loaded = await loadConfig(await configurationFile(option));
  if (!loaded.ok) throw badConfiguration(loaded.problems);
  return loaded;
}

/** A configuration that cannot be used, with all that is wrong with it. */
export function badConfiguration(problems: readonly Problem[]): Failure {
  return new Failure(
    "configuration",
    problems.map(({ where, problem }) => `${where}: ${problem}`).join("\n"),
    problems.map((problem) => problem.do).join("\n"),
    problems.map(problemText).join("\n"),
  );
}

/** `where: problem`, and what to do indented below. */
export function problemText({ where, problem, do: remedy }: Problem): string {
  return `${where}: ${problem}\n  ${remedy}`;
}

/** The issuer of that name in the configuration. */
export function namedIssuer(config: Config, name: string): IssuerConfig {
  const issuer = config.issuers.find((one) => one.name === name);
  if (issuer) return issuer;
  throw new Failure(
    "unknownIssuer",
    `"${name}" is no issuer of ${config.file}`,
    `name one of its issuers: ${issuerNames(config)}`,
  );
}

/** The issuers' names, as a list to choose from. */
export function issuerNames(config: Config): string {
  return config.issuers.map(({ name }) => name).join(", ");
}
