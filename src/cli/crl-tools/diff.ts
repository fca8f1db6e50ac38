import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { CommonOptions, Outcome, Run } from "../outcome.ts";

const SHOWN = 20;

interface DiffOptions extends CommonOptions {
  readonly all?: true;
}

/** Adds `vouch crl diff`. */
export function addCrlDiff(crl: Command, run: Run): void {
  crl
    .command("diff")
    .summary("what changed from one CRL to another")
    .description(
      "Compares two CRLs, of Vouch or any other CA, whatever their order: entries added, removed and changed, and what else differs. Needs no configuration and no daemon.",
    )
    .argument("<before>", "a CRL: a file or an http URL; DER, PEM, base64 or hexadecimal")
    .argument("<after>", "another; one of the two may be - for standard input")
    .option("--all", `show every entry that differs, not the first ${SHOWN} of each kind`)
    .addHelpText("after", HELP)
    .action(
      run((before: string, after: string, _options, command: Command) =>
        diff(before, after, command.optsWithGlobals()),
      ),
    );
}

const HELP = `${examples(
  "vouch crl diff yesterday.crl http://crl.example.vn/crl/gov-1.crl",
  "vouch crl diff old.crl new.crl --json | jq '.removed[].serialNumber'",
)}

Exit codes: 0 compared, whether or not they differ; 1 one of them cannot be read.`;

async function diff(before: string, after: string, options: DiffOptions): Promise<Outcome> {
  const { compareCRLs } = await import("./compare-crls.ts");
  const { comparisonText } = await import("./comparison-text.ts");
  const { readCRL } = await import("./read-crl.ts");
  const comparison = compareCRLs(await readCRL(before), await readCRL(after));
  const most = options.all ? Number.POSITIVE_INFINITY : SHOWN;
  return { exitCode: 0, document: comparison, text: comparisonText(comparison, most) };
}
