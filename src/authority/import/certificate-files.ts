import { Tag } from "../../der/reader.ts";
import { type BadPemBlock, type PemBlock, pemBlocks } from "../../x509/pem.ts";
import { printable } from "../../x509/printable.ts";
import type { Wrong } from "./parsed.ts";

/** One certificate of a file, not yet read, with the number of its first line (1 in DER). */
export interface CertificateInFile {
  readonly line: number;
  readonly content: { readonly der: Uint8Array } | Wrong;
}

const CERTIFICATE = /^(X509 )?CERTIFICATE$/;

/** What stands beside certificates in PEM files and holds none: passed over, never quoted. */
const BESIDE = /(PRIVATE KEY|PUBLIC KEY|PARAMETERS)$/;

/** What to do with other blocks that may hold what the operator meant to import. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["PKCS7", "take its certificates out with: openssl pkcs7 -print_certs"],
  ["TRUSTED CERTIFICATE", "convert it with: openssl x509"],
  ["X509 CRL", "import a CRL with --format crl"],
]);

/** Whether these are the first octets of a DER structure of 128 octets or more, as any certificate is. */
export function looksLikeDer(octets: Uint8Array): boolean {
  return octets[0] === Tag.sequence && (octets[1] ?? 0) >= 0x80;
}

/** The certificates of a PEM or DER file; a file without any is one that is wrong at line 1. */
export function* certificatesIn(octets: Uint8Array): Generator<CertificateInFile> {
  if (looksLikeDer(octets)) {
    yield { line: 1, content: { der: octets } };
    return;
  }
  let isEmpty = true;
  for (const block of pemBlocks(octets)) {
    if (BESIDE.test(block.label)) continue;
    isEmpty = false;
    yield { line: block.line, content: contentOf(block) };
  }
  if (isEmpty) yield { line: 1, content: { wrong: "no certificate in this file, PEM or DER" } };
}

function contentOf(block: PemBlock | BadPemBlock): CertificateInFile["content"] {
  if ("problem" in block) return { wrong: `bad PEM: ${block.problem}` };
  if (CERTIFICATE.test(block.label)) return { der: block.der };
  const advice = ELSEWHERE.get(block.label);
  const label = printable(block.label, 60);
  return { wrong: `a ${label} is not a certificate${advice ? `; ${advice}` : ""}` };
}
