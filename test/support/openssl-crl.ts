import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run-program.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";

/** A certificate on a CRL: its reason in OpenSSL's words, and revoked since (seconds since 1970). */
export interface CRLEntry {
  readonly serialNumber: string;
  readonly reason?: string;
  readonly revokedAt?: number;
}

/** What CRL to make. */
export interface CRLPlan {
  readonly entries?: readonly CRLEntry[];
  /** Nothing: a v1 CRL without extensions. */
  readonly crlNumber?: number;
  /** Of a delta: the number of its base. */
  readonly base?: number;
  /** Seconds since 1970. */
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  /** More lines of crl_extensions. */
  readonly extensions?: string;
}

/** The CA that signs it. */
export interface CRLMaker {
  readonly caCertificate: string;
  readonly caKey: string;
}

/** Makes a CRL with the real `openssl ca -gencrl`; its DER. */
export function opensslCRL(ca: CRLMaker, plan: CRLPlan = {}): Buffer {
  const folder = tempFolder();
  const { entries = [], crlNumber, base, extensions = "" } = plan;
  const now = Math.floor(Date.now() / 1000);
  const { thisUpdate = now - 60, nextUpdate = thisUpdate + 86_400 } = plan;
  writeFileSync(join(folder, "index.txt"), entries.map(indexLine).join(""));
  writeFileSync(join(folder, "crlnumber"), `${hexOf(crlNumber ?? 1)}\n`);
  const delta = base === undefined ? "" : `2.5.29.27 = critical, ASN1:INTEGER:${base}\n`;
  const v2 = crlNumber === undefined ? "" : "crlnumber = crlnumber\ncrl_extensions = ext\n";
  writeFileSync(
    join(folder, "ca.cnf"),
    `[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\ndefault_md = sha256\n${v2}[ext]\nauthorityKeyIdentifier = keyid\n${delta}${extensions}\n`,
  );
  const times = ["-crl_lastupdate", timeText(thisUpdate), "-crl_nextupdate", timeText(nextUpdate)];
  const keys = ["-cert", ca.caCertificate, "-keyfile", ca.caKey];
  mustRun(
    "openssl",
    ["ca", "-config", "ca.cnf", "-gencrl", ...keys, ...times, "-out", "crl.pem"],
    folder,
  );
  mustRun("openssl", ["crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der"], folder);
  const der = readFileSync(join(folder, "crl.der"));
  removeFolder(folder);
  return der;
}

function indexLine({ serialNumber, reason, revokedAt = 1_760_000_000 }: CRLEntry): string {
  const serial = hexText(serialNumber).toUpperCase();
  const why = reason === undefined ? "" : `,${reason}`;
  return `R\t360101000000Z\t${timeText(revokedAt).slice(2)}${why}\t${serial}\tunknown\t/CN=x\n`;
}

function hexOf(number: number): string {
  return hexText(number.toString(16));
}

function hexText(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function timeText(at: number): string {
  return `${new Date(at * 1000).toISOString().replace(/[-:T]|\.\d+/g, "")}`;
}
