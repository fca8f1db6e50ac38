import type { Command } from "commander";
import type { IssuerStats, Stats } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { coloured } from "./output.ts";
import { counted, table } from "./table.ts";

/** Adds `vouch stats`. */
export function addStats(program: Command, run: Run): void {
  program
    .command("stats")
    .summary("counts and ages, by issuer")
    .description("Tells how many certificates there are, and how fresh answers and CRLs are.")
    .addHelpText("after", examples("vouch stats", "vouch stats --json"))
    .action(run((_options: unknown, command: Command) => stats(command.optsWithGlobals())));
}

async function stats(options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const found = await withAuthority(config, (authority) => authority.get<Stats>("/stats"));
  return { exitCode: 0, document: found, text: statsText(found) };
}

function statsText(found: Stats): string {
  const daemon = table([
    ["version", found.version],
    ["started", found.startedAt],
    ["journal", counted(found.sequence)],
    ["store", `${counted(found.storeBytes)} bytes`],
    ["sweep", `${(found.sweepPosition * 100).toFixed(1)} %`],
  ]);
  const warnings = found.warnings
    .map((text) => `${coloured("red", "warning:")} ${text}\n`)
    .join("");
  return `${warnings}${daemon}\n\n${table([HEADINGS, ...found.issuers.map(issuerRow)])}`;
}

const HEADINGS = [
  "ISSUER",
  "GOOD",
  "REVOKED",
  "HOLD",
  "EXPIRED",
  "UNSIGNED",
  "OLDEST ANSWER",
  "NEXT TO END",
  "SIGNER UNTIL",
  "CRL",
  "CRL UNTIL",
];

function issuerRow(issuer: IssuerStats): (string | number | null)[] {
  const { good, revoked, hold, expired } = issuer.records;
  const age = issuer.oldestAnswerAgeSeconds;
  return [
    issuer.issuer,
    good,
    revoked,
    hold,
    expired,
    issuer.unsigned,
    age === null ? null : `${counted(age)} s`,
    issuer.earliestNextUpdate,
    issuer.signer?.notAfter ?? null,
    issuer.crl?.crlNumber ?? null,
    issuer.crl?.nextUpdate ?? null,
  ];
}
