import type { Command } from "commander";
import type { HistoryEntry } from "../authority/admin-types.ts";
import { printable } from "../x509/printable.ts";
import { withAuthority } from "./admin-client.ts";
import { certificatePath } from "./certificate-path.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { oneCertificate } from "./one-certificate.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { table } from "./table.ts";

/** Adds `vouch history`. */
export function addHistory(program: Command, run: Run): void {
  program
    .command("history")
    .summary("what happened to a certificate, when, by whom, and why")
    .description("Tells what the journal has on one certificate, oldest first.")
    .usage("[ISSUER] SERIAL|CERTFILE [options]")
    .argument(
      "<certificate...>",
      "the issuer and a serial number in hexadecimal, or a certificate file",
    )
    .addHelpText("after", examples("vouch history gov-1 0a:1b:2c", "vouch history ./leader.pem"))
    .action(
      run((given: string[], _options, command: Command) =>
        history(given, command.optsWithGlobals()),
      ),
    );
}

async function history(given: readonly string[], options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const named = await oneCertificate("history", given, config);
  const path = `${certificatePath(named)}/history`;
  const entries = await withAuthority(config, (authority) => authority.get<HistoryEntry[]>(path));
  return { exitCode: 0, document: entries, text: historyText(entries, named) };
}

function historyText(
  entries: readonly HistoryEntry[],
  { issuer, serialNumber }: { issuer: string; serialNumber: string },
): string {
  if (entries.length === 0) return `${issuer} ${serialNumber} was never imported`;
  const head = ["journal", "at", "action", "reason", "by", "request", "agency"];
  const rows = entries.map(({ sequence, at, action, reason, by, request, agency }) => [
    String(sequence),
    at,
    action,
    reason,
    ...[by, request, agency].map((text) => text && printable(text)),
  ]);
  return table([head, ...rows]);
}
