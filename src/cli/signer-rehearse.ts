import { resolve } from "node:path";
import type { Command } from "commander";
import { serialNumberFromDer, serialNumberText } from "../x509/serial-number.ts";
import { namedIssuer, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { table } from "./table.ts";

/** Adds `vouch signer rehearse`. */
export function addSignerRehearse(signer: Command, run: Run): void {
  signer
    .command("rehearse")
    .summary("try a new signer before it is used; changes nothing")
    .description(
      "Signs sample answers with a new signer, and looks whether it is an OCSP signer of this issuer and whether others verify what it signs: pkijs, and openssl where it is installed. Run it as the user that runs vouch, who may read the key. It changes nothing.",
    )
    .argument("<issuer>", "its name in the configuration")
    .argument("<certificate>", "the signer's certificate, a file")
    .argument("<key>", "its key: a file, or a pkcs11: URI")
    .addHelpText("after", examples("vouch signer rehearse gov-1 gov-1-ocsp-2.pem gov-1-ocsp-2.key"))
    .action(
      run((issuer: string, certificate: string, key: string, _options, command: Command) =>
        rehearse(issuer, { certificate, key }, command.optsWithGlobals()),
      ),
    );
}

async function rehearse(
  name: string,
  given: { readonly certificate: string; readonly key: string },
  options: CommonOptions,
): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const issuer = namedIssuer(config, name);
  const { rehearse: tryOut } = await import("../setup/rehearsal.ts");
  const { withdrawnSigners } = await import("../setup/check-withdrawn.ts");
  const key = given.key.startsWith("pkcs11:") ? given.key : resolve(given.key);
  const withdrawn = await withdrawnSigners(config.data);
  const signer = { certificate: resolve(given.certificate), key, withdrawn };
  const { serialNumber, checks } = await tryOut(issuer, signer, Math.floor(Date.now() / 1000));
  const ok = checks.every(({ result }) => result !== "failed");
  const rows = checks.map(({ check, result, detail }) => [check, result, detail]);
  const serial = serialNumberText(serialNumberFromDer(serialNumber));
  const verdict = ok
    ? `${name} ${serial} can be used: add it to ocsp.signers, then vouch check && vouch reload`
    : `${name} ${serial} must not be used as it is`;
  return {
    exitCode: ok ? 0 : 1,
    document: { issuer: name, serialNumber: serial, ok, checks },
    text: `${table([["CHECK", "RESULT", "DETAIL"], ...rows])}\n${verdict}`,
  };
}
