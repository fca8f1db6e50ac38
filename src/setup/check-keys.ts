import { keyProblem } from "../signing/signer-check.ts";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { type ConfiguredSigner, configuredSigners } from "./configured-signers.ts";
import { type Finding, problem, type Setup } from "./finding.ts";
import { openFile } from "./open-file.ts";
import { shellWord } from "./shell-word.ts";
import { tokenRemedy } from "./token-remedy.ts";

const OTHERS_BITS = 0o077;

/** Whether every key is there, is its certificate's, and is nobody else's to read. */
export function checkKeys({ issuers, keys }: Setup): Finding[] {
  const signers = issuers.flatMap(configuredSigners);
  const files = new Set(signers.flatMap(({ keyFile }) => secretFile(keyFile)));
  return [
    ...signers.flatMap((signer) => unusableKey(signer, keys.faultOf(signer))),
    ...[...files].flatMap(openKey),
  ];
}

/** The file that only Vouch may read: the key's, or that of the token's PIN. */
function secretFile(key: string): string[] {
  if (!isKeyURI(key)) return [key];
  const uri = parseKeyURI(key);
  return "problem" in uri || uri.pinFile === undefined ? [] : [uri.pinFile];
}

function unusableKey(signer: ConfiguredSigner, fault: string | undefined): Finding[] {
  // That the key is of a kind that does not sign is told of the certificate.
  if (!fault || (signer.certificate && keyProblem(signer.certificate))) return [];
  return [problem({ where: signer.where, problem: fault, do: remedy(fault, signer) })];
}

function remedy(fault: string, { keyFile, role }: ConfiguredSigner): string {
  const uri = isKeyURI(keyFile) ? parseKeyURI(keyFile) : undefined;
  if (uri) return "problem" in uri ? uri.do : tokenRemedy(fault, uri);
  if (fault.includes("(ENOENT)")) return `put the key there, or name its file in ${role}`;
  if (fault.includes("cannot be read")) {
    return `make it the file of the user that runs vouch: chown vouch ${shellWord(keyFile)}`;
  }
  if (fault.includes("is not the key")) return `name this certificate's own key in ${role}`;
  return `put the private key there in PEM form, without a passphrase: openssl pkey -in KEY -out ${shellWord(keyFile)}`;
}

function openKey(file: string): Finding[] {
  return openFile(file, {
    closedTo: OTHERS_BITS,
    whom: "others than its owner",
    what: "it holds a private key or the PIN of one",
    do: `chmod 600 ${shellWord(file)}`,
  });
}
