import type { Command } from "commander";
import type { PublishedCRL } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { counted } from "./table.ts";

/** Adds `vouch crl issue`. */
export function addCrlIssue(crl: Command, run: Run): void {
  crl
    .command("issue")
    .summary("sign and publish a new CRL now")
    .description("Signs, checks and publishes a new CRL now, besides those of the schedule.")
    .argument("<issuer>", "its name in the configuration")
    .addHelpText("after", examples("vouch crl issue gov-1", "vouch crl issue gov-1 --json"))
    .action(
      run((issuer: string, _options, command: Command) => issue(issuer, command.optsWithGlobals())),
    );
}

async function issue(issuer: string, options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const path = `/crls/${encodeURIComponent(issuer)}`;
  const crl = await withAuthority(config, (authority) =>
    authority.post<PublishedCRL>(path, { by: asker(process.env) }),
  );
  if (crl.refused === null) return { exitCode: 0, document: crl, text: issuedText(crl) };
  const refusal = `refused: CRL ${crl.crlNumber} of ${crl.issuer} was not published: ${crl.refused}`;
  return { exitCode: 1, document: crl, notes: [refusal, "  the last good CRL stays up"] };
}

function issuedText(crl: PublishedCRL): string {
  return [
    `done: ${crl.issuer} ${crl.scope} CRL ${crl.crlNumber}, ${counted(crl.entries)} entries, ${counted(crl.bytes)} bytes, next update ${crl.nextUpdate}`,
    crl.file,
  ].join("\n");
}
