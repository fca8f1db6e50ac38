import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { NEW_KEYS } from "../setup/new-keys.ts";
import { tokenRemedy } from "../setup/token-remedy.ts";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { configurationFile, namedIssuer, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import { Failure } from "./failure.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";

const KINDS = Object.keys(NEW_KEYS);

type Options = CommonOptions & {
  readonly key?: string;
  readonly kind: string;
  readonly name?: string;
  readonly out?: string;
};

/** Adds `vouch signer csr`. */
export function addSignerCsr(signer: Command, run: Run): void {
  signer
    .command("csr")
    .summary("make a key and ask the CA for an OCSP signer")
    .description(
      "Makes a key, or takes one of a token, and writes a PKCS #10 request for an OCSP signer's certificate. Have the CA issue it as a delegated signer; then try it with signer rehearse.",
    )
    .argument("<issuer>", "its name in the configuration")
    .option("--key <file|uri>", "the new key's file, or the pkcs11: URI of one that is there")
    .option("--kind <kind>", `of a new key: ${KINDS.join(", ")}`, "p256")
    .option("--name <common name>", "of the signer (default: ISSUER OCSP and the day)")
    .option("--out <file>", "the request's file (default: beside the key)")
    .addHelpText(
      "after",
      examples(
        "vouch signer csr gov-1",
        'vouch signer csr gov-1 --key "pkcs11:token=vouch;object=ocsp-2?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/vouch/pin" --out ocsp-2.csr',
      ),
    )
    .action(
      run((issuer: string, _options, command: Command) => csr(issuer, command.optsWithGlobals())),
    );
}

async function csr(name: string, options: Options): Promise<Outcome> {
  if (!KINDS.includes(options.kind)) {
    const remedy = `write one of ${KINDS.join(", ")}`;
    throw new Failure("usage", `"${options.kind}" is no kind of key`, remedy);
  }
  const config = await readConfiguration(options.config);
  const issuer = namedIssuer(config, name);
  const folder = dirname(issuer.certificate);
  const stem = join(folder, `${name}-ocsp-${new Date().toISOString().slice(0, 10)}`);
  const key = keyName(options, stem);
  const out = outName(options, key, stem);
  const { makeSignerRequest } = await import("../setup/make-signer-request.ts");
  const commonName = options.name ?? `${name} OCSP ${new Date().toISOString().slice(0, 10)}`;
  const asked = { issuer, key, kind: options.kind, commonName, out };
  const { algorithm } = await makeSignerRequest(asked).catch((error: Error) => {
    throw notMade(error, key);
  });
  return {
    exitCode: 0,
    document: { issuer: name, key, request: out, algorithm, commonName },
    text: doneText(name, key, out, await configurationFile(options.config)),
  };
}

function notMade({ name, message }: Error, key: string): Failure {
  if (name === "FileExistsError") {
    return new Failure("badFile", message, "choose other names: --key, --out");
  }
  if (name === "NoFolderError") {
    const remedy = "make it, for the user that runs this, or name another: --key, --out";
    return new Failure("badFile", message, remedy);
  }
  const uri = isKeyURI(key) ? parseKeyURI(key) : undefined;
  const remedy =
    uri && !("problem" in uri) ? tokenRemedy(message, uri) : "see that --key can be used";
  return new Failure("signingFailed", message, remedy);
}

function keyName({ key }: Options, stem: string): string {
  if (key === undefined) return `${stem}.key`;
  return key.startsWith("pkcs11:") ? key : resolve(key);
}

function outName({ out }: Options, key: string, stem: string): string {
  if (out !== undefined) return resolve(out);
  return key.startsWith("pkcs11:") ? `${stem}.csr` : `${key.replace(/\.key$/, "")}.csr`;
}

function doneText(issuer: string, key: string, out: string, config: string): string {
  return [
    `done: ${out}`,
    "have the CA issue it with keyUsage digitalSignature, extendedKeyUsage OCSPSigning and noCheck; then:",
    `  vouch signer rehearse ${issuer} CERTIFICATE '${key}'`,
    `  add { certificate: CERTIFICATE, key: "${key}" } to ocsp.signers in ${config}`,
    "  vouch check && vouch reload",
  ].join("\n");
}
