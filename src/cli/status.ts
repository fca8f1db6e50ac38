import type { Command } from "commander";
import type { CertificateStatus } from "../authority/admin-types.ts";
import { withAuthority } from "./admin-client.ts";
import { certificatePath } from "./certificate-path.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import { namedCertificates } from "./named-certificates.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { coloured } from "./output.ts";
import { table } from "./table.ts";

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
    .addHelpText(
      "after",
      examples(
        "vouch status gov-1 0a:1b:2c",
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

async function status(given: readonly string[], options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const [named, ...others] = await namedCertificates(given, config);
  const [serialNumber, ...more] = named?.serialNumbers ?? [];
  if (!named || !serialNumber || others.length > 0 || more.length > 0) {
    throw new Failure(
      "usage",
      "status tells of one certificate",
      "give its ISSUER and serial number, or its file",
    );
  }
  const path = certificatePath({ issuer: named.issuer, serialNumber });
  const found = await withAuthority(config, (authority) => authority.get<CertificateStatus>(path));
  return { exitCode: 0, document: found, text: statusText(found) };
}

function statusText(found: CertificateStatus): string {
  const rows: [string, string | null][] = [
    ["issuer", found.issuer],
    ["serial number", found.serialNumber],
    ["status", coloured(statusColours[found.status], found.status)],
    ["OCSP says", ocspText(found)],
    ["reason", found.reason],
    ["revoked", found.revocationDate],
    ["invalid since", found.invalidityDate],
    ["expires", found.notAfter],
  ];
  const answers = found.answers.map(({ hash, signer, thisUpdate, nextUpdate }) => [
    `answer ${hash}`,
    `${thisUpdate} to ${nextUpdate}, signer ${signer}`,
  ]);
  return table([...rows.filter(([, value]) => value !== null), ...answers]);
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
