import { type Clock, systemClock } from "../authority/clock.ts";
import { type IssuerFiles, readIssuerFiles } from "../authority/issuer-files.ts";
import type { Config, IssuerConfig, Problem } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import type { UnixSeconds } from "../der/time.ts";
import { checkClock } from "./check-clock.ts";
import { checkDisk } from "./check-disk.ts";
import { checkFolders } from "./check-folders.ts";
import { checkIssuers } from "./check-issuers.ts";
import { checkKeys } from "./check-keys.ts";
import { checkSigners } from "./check-signers.ts";
import { checkStore } from "./check-store.ts";
import { checkTls, checkTlsKey } from "./check-tls.ts";
import { type Check, type Finding, problem, type Setup } from "./finding.ts";
import { ProbedKeys } from "./probed-keys.ts";

/** What is wrong with a set-up; `ok` when there are no problems, whatever the warnings. */
interface Checked {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What can be looked at of the sound part of a configuration with faults, in the order of the report. */
const FILE_CHECKS: readonly (readonly [string, Check])[] = [
  ["the issuers", checkIssuers],
  ["the signers", checkSigners],
  ["the keys", checkKeys],
  ["the TLS certificate", checkTls],
  ["the TLS key", checkTlsKey],
];
/** All that is looked at. */
const CHECKS: typeof FILE_CHECKS = [
  ...FILE_CHECKS,
  ["the folders", checkFolders],
  ["the store", checkStore],
  ["the clock", checkClock],
  ["the disk", checkDisk],
];

/**
 * Looks for what is wrong with the set-up that a configuration file describes: configuration, keys,
 * certificates, store, clock, disk and files' modes. It may run beside the daemon: it takes no lock and
 * writes nothing. What it may read and write is judged for the user that runs it.
 */
export async function checkSetup(file: string, clock: Clock = systemClock): Promise<Checked> {
  const loaded = await loadConfig(file);
  const config = loaded.ok ? loaded.config : loaded.soundPart;
  const checks = loaded.ok ? CHECKS : FILE_CHECKS;
  const findings = config ? await allFindings(config, checks, clock) : [];
  const found = weighing(findings, "problem");
  const problems = loaded.ok ? found : [...loaded.problems, ...found];
  const warnings = [...(loaded.ok ? loaded.warnings : []), ...weighing(findings, "warning")];
  return { ok: problems.length === 0, problems, warnings };
}

async function allFindings(
  config: Config,
  checks: typeof CHECKS,
  clock: Clock,
): Promise<Finding[]> {
  const now = clock();
  const issuers = config.issuers.map((issuer) => filesOf(issuer, now));
  const setup = { config, clock, issuers, keys: await ProbedKeys.of(issuers) };
  const findings: Finding[] = [];
  for (const [what, check] of checks) findings.push(...(await findingsOf(what, check, setup)));
  return findings;
}

/** An issuer's files; an encoding that is broken deep inside one of them is a problem like any other. */
function filesOf(config: IssuerConfig, now: UnixSeconds): IssuerFiles {
  try {
    return readIssuerFiles(config, now);
  } catch (error) {
    const broken = {
      where: `issuer ${config.name}`,
      problem: `one of its certificates cannot be understood: ${(error as Error).message}`,
      do: "find it with: openssl x509 -noout -text -in FILE; and put a sound one there",
    };
    const nothing = { certificate: undefined, signers: [], refusedSigners: [] };
    return { config, ...nothing, crlSigner: undefined, problems: [broken] };
  }
}

/** One check that breaks does not hide what the others find. */
async function findingsOf(what: string, check: Check, setup: Setup): Promise<readonly Finding[]> {
  try {
    return await check(setup);
  } catch (error) {
    return [notChecked(setup.config, what, error as Error)];
  }
}

function notChecked({ file }: Config, what: string, { message }: Error): Finding {
  return problem({
    where: file,
    problem: `${what} could not be checked: ${message}`,
    do: "run check as the user that runs vouch",
  });
}

function weighing(findings: readonly Finding[], wanted: Finding["weight"]): Problem[] {
  return findings.filter(({ weight }) => weight === wanted).map(({ weight: _, ...found }) => found);
}
