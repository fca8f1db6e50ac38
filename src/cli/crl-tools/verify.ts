import type { Command } from "commander";
import { examples } from "../examples.ts";
import type { Run } from "../outcome.ts";

/** Adds `vouch crl verify`. */
export function addCrlVerify(crl: Command, run: Run): void {
  crl
    .command("verify")
    .summary("whether a CRL can be relied on")
    .description(
      "Verifies a CRL, of Vouch or any other CA, as a relying party would, and says everything that is wrong: signature, issuer, key identifier, times, number, distribution point, critical extensions, entries listed twice, encoding. Needs no configuration and no daemon.",
    )
    .argument(
      "<file>",
      "a CRL: a file or an http URL; DER, PEM, base64 or hexadecimal; - is standard input",
    )
    .requiredOption("--issuer <file>", "the certificate of the CA that should have signed it")
    .option("--delta <base>", "the file is a delta CRL: verify that it follows this full one, too")
    .option("--at <time>", "at this time (RFC 3339) instead of now")
    .addHelpText("after", HELP)
    .action(
      run(async (file: string, _options, command: Command) => {
        const { verify } = await import("./verify-file.ts");
        return verify(file, command.optsWithGlobals());
      }),
    );
}

const HELP = `${examples(
  "vouch crl verify gov-1.crl --issuer gov-1.pem",
  "vouch crl verify http://crl.example.vn/crl/gov-1.crl --issuer gov-1.pem --json",
  "vouch crl verify gov-1-delta.crl --issuer gov-1.pem --delta gov-1.crl",
  "vouch crl verify archived.crl --issuer gov-1.pem --at 2025-03-01T00:00:00Z",
)}

Exit codes: 0 it can be relied on; 1 it cannot, or one of the files cannot be read.`;
