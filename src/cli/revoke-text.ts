import type { CertificateStatus, ChangeReport, RevokeRequest } from "../authority/admin-types.ts";
import type { AdminClient } from "./admin-client.ts";
import { certificatePath } from "./certificate-path.ts";
import type { NamedCertificates } from "./named-certificates.ts";
import type { Outcome } from "./outcome.ts";
import { counted } from "./table.ts";

interface Asked {
  readonly named: readonly NamedCertificates[];
  readonly change: Pick<RevokeRequest, "dryRun">;
  readonly authority: AdminClient;
}

/** What a revocation came to; any refused certificate makes it a failure. */
export async function revokeOutcome(report: ChangeReport, asked: Asked): Promise<Outcome> {
  return {
    exitCode: report.refused.length > 0 ? 1 : 0,
    document: report,
    text: [changedText(report, asked.change.dryRun), ...(await alreadyText(report, asked))]
      .filter((line) => line !== "")
      .join("\n"),
    notes: [...refusedNotes(report), ...unsignedNotes(report)],
  };
}

function changedText({ changed, sequence }: ChangeReport, dryRun: boolean): string {
  if (dryRun) return `dry run: ${counted(changed)} would be revoked; nothing changed`;
  if (changed === 0) return "";
  return `done: ${counted(changed)} revoked (journal ${sequence})`;
}

async function alreadyText(report: ChangeReport, asked: Asked): Promise<string[]> {
  if (report.alreadyRevoked === 0) return [];
  const many = `${counted(report.alreadyRevoked)} already revoked; nothing changed for them`;
  const only = onlyOne(asked.named);
  if (!only) return [many];
  // The request itself has been answered: not to know the date must not make it a failure.
  const status = await asked.authority
    .get<CertificateStatus>(certificatePath(only))
    .catch(() => undefined);
  if (!status) return [many];
  return [
    `${only.issuer} ${only.serialNumber} was already revoked on ${status.revocationDate} (${status.reason}); nothing changed`,
  ];
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
