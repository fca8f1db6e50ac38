import { type ConfiguredSigner, configuredSigners, keyFault } from "./configured-signers.ts";
import { modeText, statsOf } from "./file-access.ts";
import { type Finding, problem, type Setup } from "./finding.ts";
import { shellWord } from "./shell-word.ts";

const OTHERS_BITS = 0o077;

/** Whether every key is there, is its certificate's, and is nobody else's to read. */
export function checkKeys({ issuers }: Setup): Finding[] {
  const signers = issuers.flatMap(configuredSigners);
  const files = new Set(signers.map(({ keyFile }) => keyFile));
  return [...signers.flatMap(unusableKey), ...[...files].flatMap(openKey)];
}

function unusableKey(signer: ConfiguredSigner): Finding[] {
  const fault = keyFault(signer);
  if (!fault) return [];
  return [problem({ where: signer.where, problem: fault, do: remedy(fault, signer) })];
}

function remedy(fault: string, { keyFile, role }: ConfiguredSigner): string {
  if (fault.includes("(ENOENT)")) return `put the key there, or name its file in ${role}`;
  if (fault.includes("cannot be read")) {
    return `make it the file of the user that runs vouch: chown vouch ${shellWord(keyFile)}`;
  }
  if (fault.includes("is not the key")) return `name this certificate's own key in ${role}`;
  return `put the private key there in PEM form, without a passphrase: openssl pkey -in KEY -out ${shellWord(keyFile)}`;
}

function openKey(file: string): Finding[] {
  const mode = statsOf(file)?.mode;
  if (mode === undefined || (mode & OTHERS_BITS) === 0) return [];
  return [
    problem({
      where: file,
      problem: `is open to others than its owner (mode ${modeText(mode)}), and it is a private key`,
      do: `chmod 600 ${shellWord(file)}`,
    }),
  ];
}
