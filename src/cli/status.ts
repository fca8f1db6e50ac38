import type { Command } from "commander";
import type { CertificateStatus } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { certificatePath } from "./certificate-path.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { oneCertificate } from "./one-certificate.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { coloured } from "./output.ts";
import { table } from "./table.ts";
import { pastTime } from "./time-option.ts";

/** As the authority has it before it stops signing. */
const AHEAD_MS = 5_000;

interface StatusOptions extends CommonOptions {
  readonly at?: string;
}

/** Adds `vouch status`. */
export function addStatus(program: Command, run: Run): void {
  program
    .command("status")
    .summary("what is known of a certificate, and what OCSP says")
    .description("Tells what is known of one certificate, and what OCSP answers for it.")
    .usage("[ISSUER] SERIAL|CERTFILE [options]")
    .argument(
      "<certificate...>",
      "the issuer and a serial number in hexadecimal, or a certificate file",
    )
    .option("--at <time>", "what it was then, by what is known now, RFC 3339")
    .addHelpText(
      "after",
      examples(
        "vouch status gov-1 0a:1b:2c",
        "vouch status gov-1 0a1b2c --at 2026-03-01T09:30:00+07:00",
        "vouch status ./leader.pem",
        "vouch status gov-1 0a1b2c --json",
      ),
    )
    .action(
      run((given: string[], _options, command: Command) =>
        status(given, command.optsWithGlobals()),
      ),
    );
}

async function status(given: readonly string[], options: StatusOptions): Promise<Outcome> {
  const at = pastTime("--at", options.at, Date.now() / 1000);
  const config = await readConfiguration(options.config);
  const named = await oneCertificate("status", given, config);
  const path = certificatePath(named) + (at === null ? "" : `?at=${at}`);
  const found = await withAuthority(config, (authority) => authority.get<CertificateStatus>(path));
  return { exitCode: 0, document: found, text: statusText(found, at) };
}

function statusText(found: CertificateStatus, at: string | null): string {
  const rows: [string, string | null][] = [
    ["issuer", found.issuer],
    ["serial number", found.serialNumber],
    ["on", at],
    ["status", coloured(statusColours[found.status], found.status)],
    ["OCSP says", at === null ? ocspText(found) : null],
    ["reason", found.reason],
    [found.status === "hold" ? "on hold since" : "revoked", found.revocationDate],
    ["invalid since", found.invalidityDate],
    ["expires", found.notAfter],
  ];
  const answers = found.answers.map(({ hash, signer, thisUpdate, nextUpdate }) => [
    `answer ${hash}`,
    `${thisUpdate} to ${nextUpdate}, signer ${signer}${aheadText(thisUpdate)}`,
  ]);
  return table([...rows.filter(([, value]) => value !== null), ...answers]);
}

/** After a clock that was ahead was accepted and set right; what goes wrong by seconds is nobody's concern. */
function aheadText(thisUpdate: string): string {
  const isAhead = Date.parse(thisUpdate) > Date.now() + AHEAD_MS;
  return isAhead ? "; AHEAD of this machine's clock: relying parties refuse it until then" : "";
}

/** Without a signed answer OCSP can say nothing of a status that is known. */
function ocspText({ status, certStatus, answers }: CertificateStatus): string {
  if (certStatus === null) return "unauthorized";
  if (status === "unissued") return certStatus;
  return answers.length > 0 ? certStatus : `try later (${certStatus}, not signed yet)`;
}

const statusColours: Readonly<
  Record<CertificateStatus["status"], "green" | "red" | "yellow" | "dim">
> = {
  good: "green",
  revoked: "red",
  hold: "yellow",
  unissued: "yellow",
  expired: "dim",
};
