import { existsSync } from "node:fs";

const usualPlaces: readonly [string, string] = ["./config/vouch.yaml", "/etc/vouch/vouch.yaml"];

/** The configuration file to use: --config, VOUCH_CONFIG, or the first of the usual places that exists. */
export function findConfig(
  option: string | undefined,
  { VOUCH_CONFIG: named }: NodeJS.ProcessEnv,
): string {
  if (option !== undefined) return option;
  return named || (usualPlaces.find((file) => existsSync(file)) ?? usualPlaces[0]);
}
