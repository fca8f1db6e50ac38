import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { ReplacementProgress, WithdrawalReport } from "../authority/admin-signer-types.ts";
import { parseSerialNumber, serialNumberText } from "../x509/serial-number.ts";
import { type AdminClient, withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import { sayingWhatStays } from "./interruption.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { tell } from "./output.ts";
import { withProgress } from "./progress.ts";
import { counted } from "./table.ts";

type Options = CommonOptions & { readonly wait: boolean };

const LOOK_MS = 250;
const GOES_ON = "the signer stays withdrawn, and signing anew goes on";

/** Adds `vouch signer withdraw`. */
export function addSignerWithdraw(signer: Command, run: Run): void {
  signer
    .command("withdraw")
    .summary("from this second serve nothing that a compromised signer signed")
    .description(
      "Withdraws a signer whose key is compromised, for ever: none of its answers is served from this second, it never signs again, even if it stays configured, and what it had signed is signed anew at once by another signer. Have its certificate revoked by the CA, too.",
    )
    .argument("<issuer>", "its name in the configuration")
    .argument("<serial>", "the signer's certificate's serial number, as in signer list")
    .option("--no-wait", "do not wait until all is signed anew")
    .addHelpText("after", examples("vouch signer withdraw gov-1 7e57"))
    .action(
      run((issuer: string, serial: string, _options, command: Command) =>
        withdraw(issuer, serial, command.optsWithGlobals()),
      ),
    );
}

async function withdraw(issuer: string, serial: string, options: Options): Promise<Outcome> {
  const serialNumber = parseSerialNumber(serial);
  if (!serialNumber) {
    throw new Failure(
      "usage",
      `"${serial}" is no serial number`,
      "give it as in vouch signer list",
    );
  }
  const config = await readConfiguration(options.config);
  return withAuthority(config, async (authority) => {
    const path = `/signers/${encodeURIComponent(issuer)}`;
    const report = await authority.post<WithdrawalReport>(
      `${path}/${serialNumberText(serialNumber)}/withdraw`,
      { by: asker(process.env) },
    );
    tell(withdrawnText(report));
    const waits = options.wait && report.signer !== null;
    const replacement = await (waits
      ? sayingWhatStays(GOES_ON, () => replaced(authority, `${path}/replacement`))
      : authority.get<ReplacementProgress>(`${path}/replacement`));
    return {
      exitCode: 0,
      document: { ...report, replaced: replacement.replaced, isDone: replacement.isDone },
      text: doneText(report, replacement),
    };
  });
}

function replaced(authority: AdminClient, path: string): Promise<ReplacementProgress> {
  return withProgress("signing anew", async (progress) => {
    for (;;) {
      const now = await authority.get<ReplacementProgress>(path);
      progress(now.walked, Math.max(1, now.records));
      if (now.isDone) return now;
      await sleep(LOOK_MS);
    }
  });
}

function withdrawnText(report: WithdrawalReport): string {
  const { issuer, serialNumber, sequence, signer, records, estimateSeconds } = report;
  const what = `${issuer} ${serialNumber} ${sequence === null ? "was withdrawn already" : `is withdrawn (journal ${sequence})`}: nothing that it signed is served`;
  if (signer === null) {
    return `${what}\n  no other signer can sign: OCSP says tryLater until one is added to ocsp.signers, then: vouch reload`;
  }
  const time = estimateSeconds === null ? "" : `, ${counted(estimateSeconds)} s at most`;
  const rest = sequence === null ? "what is left of what it had signed" : "what it had signed";
  return `${what}\n  ${signer} signs anew ${rest}, of ${counted(records)} certificates${time}`;
}

function doneText(
  report: WithdrawalReport,
  { replaced: count, isDone }: ReplacementProgress,
): string {
  const { issuer, serialNumber, signer } = report;
  if (signer === null)
    return `done: ${issuer} ${serialNumber} withdrawn; nobody signs in its place`;
  if (!isDone) return `${issuer} ${serialNumber}: withdrawn; signing anew goes on`;
  return `done: ${issuer} ${serialNumber} withdrawn, ${counted(count)} ${count === 1 ? "certificate" : "certificates"} signed anew`;
}
