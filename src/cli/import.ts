import { type Command, Option } from "commander";
import type { ImportFormat } from "../authority/import/detect.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { namedIssuer, problemText, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { type ImportPlan, importAll, importStrictly } from "./import-batches.ts";
import { importOutcome } from "./import-text.ts";
import { warnOfUnsigned } from "./import-unsigned.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { warn } from "./output.ts";

interface ImportOptions extends CommonOptions {
  readonly format?: ImportFormat;
  readonly strict?: true;
}

const DESCRIPTION = `Tells Vouch of certificates and their status. Importing again changes nothing.

Formats: certificates (PEM or DER, bundles), OpenSSL's index.txt, CRLs (PEM or DER), and CSV with
a header: serialNumber,notAfter,status,revocationDate,reason,invalidityDate,notBefore in any order,
status good, revoked or hold, times RFC 3339. A folder stands for the files in it, - for standard input.
What a CRL lists is revoked; with "source: crl" it is also what nothing but CRLs can say.`;

/** Adds `vouch import`. */
export function addImport(program: Command, run: Run): void {
  program
    .command("import")
    .summary("tell Vouch of certificates")
    .description(DESCRIPTION)
    .argument("<issuer>", "its name in the configuration")
    .argument("<file...>", "files, folders, or - for standard input")
    .addOption(
      new Option("--format <format>", "of every file (default: seen from each)").choices([
        "certs",
        "index",
        "csv",
        "crl",
      ]),
    )
    .option("--strict", "import nothing when any line is bad")
    .addHelpText(
      "after",
      examples(
        "vouch import gov-1 /srv/ca/index.txt",
        "vouch import gov-1 /srv/ca/newcerts --strict",
        "vouch import gov-1 - --format csv < certificates.csv",
        "vouch import gov-2 gov-2.crl",
      ),
    )
    .action(
      run((issuer: string, files: string[], _options, command: Command) =>
        importFiles(issuer, files, command.optsWithGlobals()),
      ),
    );
}

async function importFiles(
  name: string,
  files: readonly string[],
  options: ImportOptions,
): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const issuer = namedIssuer(config, name);
  const { readImport } = await import("./import-files.ts");
  const read = await readImport(issuer, files, options.format);
  for (const problem of read.unservedUrls) warn(problemText(problem));
  const plan: ImportPlan = { issuer: name, by: asker(process.env), ...read };
  const send = options.strict ? importStrictly : importAll;
  return withAuthority(config, async (authority) => {
    const { warnings, ...report } = await send(authority, plan);
    for (const warning of warnings) warn(warning);
    await warnOfUnsigned(authority, issuer, read.crls.length > 0 ? "underWay" : "done");
    return importOutcome(report, files, options.strict ?? false);
  });
}
