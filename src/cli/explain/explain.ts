import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { Run } from "../outcome.ts";

/** Adds `vouch explain`. */
export function addExplain(program: Command, run: Run): void {
  program
    .command("explain")
    .summary("what an OCSP request or answer, a CRL or a certificate says")
    .description(
      "Decodes OCSP requests and answers, CRLs and certificates, and says what is wrong with them against the RFCs. Needs no configuration and no daemon.",
    )
    .argument(
      "<file>",
      "a file or an http URL: DER, PEM, base64, hexadecimal, or an HTTP message with one of these; - is standard input",
    )
    .addHelpText("after", HELP)
    .action(
      run(async (file: string) => {
        const { explain } = await import("./explain-file.ts");
        return explain(file);
      }),
    );
}

const HELP = `${examples(
  "vouch explain answer.der",
  "vouch explain gov-1.crl --json",
  "curl -sS http://crl.example.vn/crl/gov-1.crl | vouch explain -",
)}

Exit codes: 0 nothing is wrong; 1 something breaks a standard, or the file cannot be read.`;
