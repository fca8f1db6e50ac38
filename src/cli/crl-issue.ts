import type { Command } from "commander";
import type { IssueRequest, PublishedCRL } from "../authority/admin-crl-types.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { counted } from "./table.ts";

interface IssueOptions extends CommonOptions {
  readonly delta?: true;
  readonly final?: true;
  readonly force?: string;
}

/** Adds `vouch crl issue`. */
export function addCrlIssue(crl: Command, run: Run): void {
  crl
    .command("issue")
    .summary("sign and publish new CRLs now")
    .description(
      "Signs, checks and publishes an issuer's CRLs now, besides those of the schedule: the full one, its delta, and every shard.",
    )
    .argument("<issuer>", "its name in the configuration")
    .option("--delta", "the delta CRL alone")
    .option("--final", "the CA's last CRLs, in force for ever; none is issued after them")
    .option("--force <reason>", "publish also what the gate refuses; the journal keeps the reason")
    .addHelpText(
      "after",
      examples(
        "vouch crl issue gov-1",
        "vouch crl issue gov-1 --delta --json",
        'vouch crl issue gov-1 --force "12,000 expired certificates leave after keepExpired was set to false"',
      ),
    )
    .action(
      run((issuer: string, _options, command: Command) => issue(issuer, command.optsWithGlobals())),
    );
}

async function issue(issuer: string, options: IssueOptions): Promise<Outcome> {
  if (options.delta && options.final) throw bothAsked();
  if (options.force?.trim() === "") throw noReason();
  const config = await readConfiguration(options.config);
  const path = `/crls/${encodeURIComponent(issuer)}`;
  const request: IssueRequest = {
    by: asker(process.env),
    kinds: options.delta ? "delta" : "all",
    force: options.force ?? null,
    ends: options.final ? "last" : "inTime",
  };
  const crls = await withAuthority(config, (authority) =>
    authority.post<PublishedCRL[]>(path, request),
  );
  const [refused] = crls.filter((crl) => crl.refused !== null);
  const refusals = crls.filter((crl) => crl.refused !== null).map(refusalText);
  return {
    exitCode: refused ? 1 : 0,
    document: refused ?? crls[0],
    ...textOf(crls.filter((crl) => crl.refused === null)),
    notes: refused ? [...refusals, "  the last good CRL stays up"] : [],
  };
}

function bothAsked(): Failure {
  const problem = "--final ends all CRLs of the issuer, and --delta asks for one kind alone";
  return new Failure("usage", problem, "give one of them");
}

function noReason(): Failure {
  const problem = "--force needs a reason, which the journal keeps";
  return new Failure("usage", problem, 'say why the gate is to be overruled: --force "WHY"');
}

function refusalText({ issuer, scope, crlNumber, refused }: PublishedCRL): string {
  const kind = scope === "full" ? "CRL" : `${scope} CRL`;
  return `refused: ${kind} ${crlNumber} of ${issuer} was not published: ${refused}`;
}

/** Shards are counted, not listed: there may be thousands. */
function textOf(published: readonly PublishedCRL[]): Pick<Outcome, "text"> {
  const shards = published.filter(({ scope }) => scope.startsWith("shard-"));
  const others = published.filter((crl) => !shards.includes(crl)).map(issuedText);
  const lines = shards.length === 0 ? others : [...others, `done: ${shards.length} shards`];
  return lines.length === 0 ? {} : { text: lines.join("\n") };
}

function issuedText(crl: PublishedCRL): string {
  return [
    `done: ${crl.issuer} ${crl.scope} CRL ${crl.crlNumber}, ${counted(crl.entries)} entries, ${counted(crl.bytes)} bytes, next update ${crl.nextUpdate}`,
    crl.file,
  ].join("\n");
}
