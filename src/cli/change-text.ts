import type { CertificateStatus, ChangeReport } from "../authority/admin-types.ts";
import type { AdminClient } from "./admin-client.ts";
import { certificatePath } from "./certificate-path.ts";
import type { NamedCertificates } from "./named-certificates.ts";
import type { Outcome } from "./outcome.ts";
import { counted } from "./table.ts";

/** A change of status, as the command and the admin API name it. */
export type ChangeVerb = "revoke" | "hold" | "release";

interface Asked {
  readonly verb: ChangeVerb;
  readonly named: readonly NamedCertificates[];
  readonly dryRun: boolean;
  readonly authority: AdminClient;
}

const DONE: Readonly<Record<ChangeVerb, string>> = {
  revoke: "revoked",
  hold: "put on hold",
  release: "released",
};

/** What the certificates are for which there was nothing to do. */
const SO_ALREADY: Readonly<Record<ChangeVerb, string>> = {
  revoke: "already revoked",
  hold: "already on hold",
  release: "not on hold",
};

/** What a change of status came to; any refused certificate makes it a failure. */
export async function changeOutcome(report: ChangeReport, asked: Asked): Promise<Outcome> {
  return {
    exitCode: report.refused.length > 0 ? 1 : 0,
    document: report,
    text: [
      changedText(report, asked),
      unchangedText(report, asked),
      await revokedText(report, asked),
    ]
      .filter((line) => line !== "")
      .join("\n"),
    notes: [...refusedNotes(report), ...unsignedNotes(report)],
  };
}

function changedText({ changed, sequence }: ChangeReport, { verb, dryRun }: Asked): string {
  if (dryRun) return `dry run: ${counted(changed)} would be ${DONE[verb]}; nothing changed`;
  if (changed === 0) return "";
  return `done: ${counted(changed)} ${DONE[verb]} (journal ${sequence})`;
}

/** Those that were asked for and are in none of the report's counts. */
function unchangedText(report: ChangeReport, { verb, named }: Asked): string {
  const asked = named.reduce((sum, { serialNumbers }) => sum + serialNumbers.length, 0);
  const unknown = report.refused.filter(({ code }) => code !== "alreadyRevoked").length;
  const unchanged = asked - report.changed - report.alreadyRevoked - unknown;
  if (unchanged <= 0) return "";
  return `${counted(unchanged)} ${SO_ALREADY[verb]}; nothing changed for them`;
}

async function revokedText(report: ChangeReport, asked: Asked): Promise<string> {
  if (report.alreadyRevoked === 0) return "";
  const many = `${counted(report.alreadyRevoked)} already revoked; nothing changed for them`;
  const only = onlyOne(asked.named);
  if (!only) return many;
  // The request itself has been answered: not to know the date must not make it a failure.
  const status = await asked.authority
    .get<CertificateStatus>(certificatePath(only))
    .catch(() => undefined);
  if (!status) return many;
  return `${only.issuer} ${only.serialNumber} was already revoked on ${status.revocationDate} (${status.reason}); nothing changed`;
}

function onlyOne(
  named: readonly NamedCertificates[],
): { issuer: string; serialNumber: string } | undefined {
  const all = named.flatMap(({ issuer, serialNumbers }) =>
    serialNumbers.map((serialNumber) => ({ issuer, serialNumber })),
  );
  return all.length === 1 ? all[0] : undefined;
}

function refusedNotes({ refused }: ChangeReport): string[] {
  return refused.map(({ serialNumber, message }) => `refused: ${serialNumber}: ${message}`);
}

function unsignedNotes({ unsigned }: ChangeReport): string[] {
  if (unsigned.length === 0) return [];
  return [
    `warning: recorded, but not signed yet: ${unsigned.join(", ")}`,
    "  OCSP says tryLater for them until signing succeeds; see the authority's log",
  ];
}
