import type { Command } from "commander";
import type { RevokeRequest } from "../authority/admin-types.ts";
import type { Config } from "../config/config.ts";
import { REVOCATION_REASONS } from "../x509/reason.ts";
import { type AdminClient, withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { addUp, inPortions, NO_CHANGE } from "./change-report.ts";
import { namedIssuer, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import { type NamedCertificates, namedCertificates } from "./named-certificates.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { parseRevocationReason } from "./revocation-reason.ts";
import { revokeOutcome } from "./revoke-text.ts";
import { readSerialList } from "./serial-list.ts";
import { pastTime } from "./time-option.ts";

interface RevokeOptions extends CommonOptions {
  readonly reason?: string;
  readonly at?: string;
  readonly invalidityDate?: string;
  readonly request?: string;
  readonly agency?: string;
  readonly file?: string;
  readonly dryRun?: true;
}

/** Adds `vouch revoke`. */
export function addRevoke(program: Command, run: Run): void {
  program
    .command("revoke")
    .summary("revoke certificates")
    .description("Revokes certificates. The change is on disk before this says that it is done.")
    .usage("[ISSUER] SERIAL|CERTFILE... --reason R [options]")
    .argument(
      "[certificates...]",
      "the issuer, then serial numbers in hexadecimal or certificate files",
    )
    .option("--reason <reason>", `why (required): ${REVOCATION_REASONS.join(", ")}`)
    .option("--at <time>", "when it was revoked, RFC 3339 (default: now)")
    .option("--invalidity-date <time>", "since when the key was not to be trusted, RFC 3339")
    .option("--request <reference>", "the request this acts on, for the journal")
    .option("--agency <name>", "the agency that asked, for the journal")
    .option(
      "--file <list>",
      "more serial numbers, one a line, # for comments (- is standard input)",
    )
    .option("--dry-run", "say what would happen, change nothing")
    .addHelpText("after", EXAMPLES)
    .action(
      run((given: string[], _options, command: Command) =>
        revoke(given, command.optsWithGlobals()),
      ),
    );
}

const EXAMPLES = examples(
  "vouch revoke gov-1 0a:1b:2c --reason keyCompromise --request 118/CV-BCY",
  "vouch revoke ./leader.pem --reason cessationOfOperation",
  "vouch revoke gov-1 --file left.txt --reason affiliationChanged --dry-run",
  "vouch revoke gov-1 0a1b2c --reason keyCompromise --invalidity-date 2026-03-01T09:30:00+07:00",
);

async function revoke(given: readonly string[], options: RevokeOptions): Promise<Outcome> {
  const change = changeOf(options, Date.now() / 1000);
  const config = await readConfiguration(options.config);
  const named = await allNamed(given, options.file, config);
  return withAuthority(config, (authority) => revokeAll(authority, named, change));
}

type Change = Omit<RevokeRequest, "issuer" | "serialNumbers">;

function changeOf(options: RevokeOptions, now: number): Change {
  return {
    reason: parseRevocationReason(options.reason),
    revocationDate: pastTime("--at", options.at, now),
    invalidityDate: pastTime("--invalidity-date", options.invalidityDate, now),
    request: options.request ?? null,
    agency: options.agency ?? null,
    by: asker(process.env),
    dryRun: options.dryRun ?? false,
  };
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

async function revokeAll(
  authority: AdminClient,
  named: readonly NamedCertificates[],
  change: Change,
): Promise<Outcome> {
  let report = NO_CHANGE;
  for (const portion of named.flatMap(inPortions)) {
    report = await addUp(report, authority.post("/revoke", { ...portion, ...change }));
  }
  return revokeOutcome(report, { named, change, authority });
}
