import type { Command } from "commander";
import type { ListedCRL } from "../authority/admin-crl-types.ts";
import { withAuthority } from "./admin-client.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { table } from "./table.ts";

/** Adds `vouch crl list`. */
export function addCrlList(crl: Command, run: Run): void {
  crl
    .command("list")
    .summary("the CRLs that are published")
    .description(
      "Lists the CRLs that are published, of one issuer or of all, and those that were refused since.",
    )
    .argument("[issuer]", "its name in the configuration (default: all)")
    .addHelpText("after", examples("vouch crl list", "vouch crl list gov-1 --json"))
    .action(
      run((issuer: string | undefined, _options, command: Command) =>
        list(issuer, command.optsWithGlobals()),
      ),
    );
}

async function list(issuer: string | undefined, options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const path = issuer === undefined ? "/crls" : `/crls?issuer=${encodeURIComponent(issuer)}`;
  const crls = await withAuthority(config, (authority) => authority.get<ListedCRL[]>(path));
  return {
    exitCode: 0,
    document: crls,
    text: crls.length === 0 ? "no CRL has been published yet" : listText(crls),
    notes: crls.filter(({ refused }) => refused !== null).map(refusalText),
  };
}

function refusalText({ issuer, scope, crlNumber, file, refused }: ListedCRL): string {
  return `refused: ${issuer} ${scope} ${crlNumber ?? file}: ${refused}`;
}

const HEADINGS = [
  "ISSUER",
  "SCOPE",
  "NUMBER",
  "THIS UPDATE",
  "NEXT UPDATE",
  "ENTRIES",
  "BYTES",
  "FILE",
];

function listText(crls: readonly ListedCRL[]): string {
  const rows = crls.map((crl) => [
    crl.issuer,
    crl.scope,
    crl.crlNumber,
    crl.thisUpdate,
    crl.nextUpdate,
    crl.entries,
    crl.bytes,
    crl.file,
  ]);
  return table([HEADINGS, ...rows]);
}
