import type { Command } from "commander";
import type { SignerStatus } from "../authority/admin-signer-types.ts";
import { withAuthority } from "./admin-client.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { table } from "./table.ts";

/** Adds `vouch signer list`. */
export function addSignerList(signer: Command, run: Run): void {
  signer
    .command("list")
    .summary("who signs, who is next, and until when")
    .description(
      "Lists the signers of OCSP answers: which signs now and which is next, how long they last, and whether their keys can be reached.",
    )
    .argument("[issuer]", "one issuer's alone")
    .addHelpText("after", examples("vouch signer list", "vouch signer list gov-1 --json"))
    .action(
      run((issuer: string | undefined, _options, command: Command) =>
        list(issuer, command.optsWithGlobals()),
      ),
    );
}

async function list(issuer: string | undefined, options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const path = issuer === undefined ? "/signers" : `/signers?issuer=${encodeURIComponent(issuer)}`;
  const signers = await withAuthority(config, (authority) => authority.get<SignerStatus[]>(path));
  return {
    exitCode: 0,
    document: signers,
    text: signers.length === 0 ? "there is no signer" : listText(signers),
    notes: signers.flatMap(note),
  };
}

const HEADINGS = [
  "ISSUER",
  "SERIAL NUMBER",
  "STATE",
  "NEXT AT",
  "NOT BEFORE",
  "NOT AFTER",
  "DAYS LEFT",
  "ALGORITHM",
  "KEY",
];

function listText(signers: readonly SignerStatus[]): string {
  const rows = signers.map((signer) => [
    signer.issuer,
    signer.serialNumber,
    STATES[signer.state],
    signer.nextAt,
    signer.notBefore,
    signer.notAfter,
    signer.daysLeft,
    signer.algorithm,
    signer.key?.kind ?? null,
  ]);
  return table([HEADINGS, ...rows]);
}

const STATES: Readonly<Record<SignerStatus["state"], string>> = {
  signs: "signs",
  standsBy: "stands by",
  notYetValid: "not valid yet",
  expired: "expired",
  keyFault: "key fails",
  refused: "refused",
  withdrawn: "withdrawn",
};

function note({ issuer, serialNumber, key, state, problem, withdrawn }: SignerStatus): string[] {
  if (problem !== null) return [`refused: ${issuer} ${problem}`];
  const name = `${issuer} ${serialNumber}`;
  if (withdrawn) return [`withdrawn: ${name} on ${withdrawn.at} by ${withdrawn.by}`];
  return state === "keyFault" ? [`key fails: ${name}: ${key?.fault}`] : [];
}
