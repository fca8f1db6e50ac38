import { type Command, InvalidArgumentError } from "commander";
import { examples } from "../examples.ts";
import type { Run } from "../outcome.ts";

const SHOWN = 5;

/** Adds `vouch crl explain`. */
export function addCrlExplain(crl: Command, run: Run): void {
  crl
    .command("explain")
    .summary("what a CRL says")
    .description(
      "Decodes a CRL of whatever CA: its fields, extensions, how many entries for which reason, the first of them, and what it has against RFC 5280. Needs no configuration and no daemon.",
    )
    .argument(
      "<file>",
      "a file or an http URL: DER, PEM, base64 or hexadecimal; - is standard input",
    )
    .option("--entries <count>", "how many entries to show", wholeNumber, SHOWN)
    .addHelpText("after", HELP)
    .action(
      run(async (file: string, { entries }: { entries: number }) => {
        const { explain } = await import("../explain/explain-file.ts");
        return explain(file, { type: "CertificateList", entries });
      }),
    );
}

const HELP = `${examples(
  "vouch crl explain gov-1.crl --entries 100",
  "vouch crl explain http://crl.example.vn/crl/gov-1.crl --json",
)}

Exit codes: 0 nothing is wrong; 1 something breaks a standard, or the file cannot be read.`;

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
