import type { Command } from "commander";
import { type ChangeRequest, LONGEST_GROUND } from "../authority/admin-types.ts";
import type { Config } from "../config/config.ts";
import { type AdminClient, withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { addUp, inPortions, NO_CHANGE } from "./change-report.ts";
import { type ChangeVerb, changeOutcome } from "./change-text.ts";
import { namedIssuer, readConfiguration } from "./configuration.ts";
import { Failure } from "./failure.ts";
import { type NamedCertificates, namedCertificates } from "./named-certificates.ts";
import type { CommonOptions, Outcome } from "./outcome.ts";
import { readSerialList } from "./serial-list.ts";
import { counted } from "./table.ts";

/*
 * What revoke, hold and release have in common: how certificates are named, who asks and on what grounds.
 */

/** Options of every change of status. */
export interface ChangeOptions extends CommonOptions {
  readonly request?: string;
  readonly agency?: string;
  readonly file?: string;
  readonly dryRun?: true;
}

/** Adds the argument that names certificates. */
export function addCertificates(command: Command): Command {
  return command.argument(
    "[certificates...]",
    "the issuer, then serial numbers in hexadecimal or certificate files",
  );
}

/** Adds the options of every change of status. */
export function addChangeOptions(command: Command): Command {
  return command
    .option("--request <reference>", "the request this acts on, for the journal")
    .option("--agency <name>", "the agency that asked, for the journal")
    .option(
      "--file <list>",
      "more serial numbers, one a line, # for comments (- is standard input)",
    )
    .option("--dry-run", "say what would happen, change nothing");
}

/** Asks the authority to change the status of what is named; `own` is what only this change asks. */
export async function changeStatus(
  verb: ChangeVerb,
  given: readonly string[],
  options: ChangeOptions,
  own: Readonly<Record<string, string | null>>,
): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const named = await allNamed(given, options.file, config);
  const change = {
    ...own,
    request: ground("--request", options.request),
    agency: ground("--agency", options.agency),
    by: asker(process.env),
    dryRun: options.dryRun ?? false,
  };
  return withAuthority(config, (authority) => changeAll(authority, verb, named, change));
}

function ground(option: string, text: string | undefined): string | null {
  if (text === undefined || text.length <= LONGEST_GROUND) return text ?? null;
  throw new Failure(
    "usage",
    `${option} has ${counted(text.length)} characters`,
    `give ${counted(LONGEST_GROUND)} at most`,
  );
}

async function changeAll(
  authority: AdminClient,
  verb: ChangeVerb,
  named: readonly NamedCertificates[],
  change: Omit<ChangeRequest, "issuer" | "serialNumbers">,
): Promise<Outcome> {
  let report = NO_CHANGE;
  for (const portion of named.flatMap(inPortions)) {
    report = await addUp(report, authority.post(`/${verb}`, { ...portion, ...change }));
  }
  return changeOutcome(report, { verb, named, dryRun: change.dryRun, authority });
}

async function allNamed(
  given: readonly string[],
  list: string | undefined,
  config: Config,
): Promise<NamedCertificates[]> {
  if (list !== undefined) return [await withList(given, list, config)];
  const named = given.length === 0 ? [] : await namedCertificates(given, config);
  if (named.some(({ serialNumbers }) => serialNumbers.length > 0)) return named;
  throw new Failure(
    "usage",
    "no certificate is named",
    "give the ISSUER and serial numbers, certificate files, or --file LIST",
  );
}

/** A list holds serial numbers of one issuer, which must be named. */
async function withList(
  given: readonly string[],
  list: string,
  config: Config,
): Promise<NamedCertificates> {
  const [name] = given;
  if (name === undefined) {
    throw new Failure("usage", "--file needs the ISSUER of its serial numbers", "name it first");
  }
  const issuer = namedIssuer(config, name).name;
  const [named] = await namedCertificates(given, config);
  const listed = await readSerialList(list);
  return { issuer, serialNumbers: [...new Set([...(named?.serialNumbers ?? []), ...listed])] };
}
