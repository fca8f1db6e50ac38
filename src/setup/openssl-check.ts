import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCertificateFile } from "../authority/issuer-files.ts";
import type { SignatureAlgorithm } from "../x509/signature-algorithm.ts";
import { pemText } from "./pem.ts";
import type { RehearsalCheck } from "./rehearsal-check.ts";
import type { SampleAnswer } from "./sample-answers.ts";

const PATIENCE_MS = 10_000;

/** Has the `openssl` command verify answers as a relying party does, where it is installed. */
export function opensslCheck(
  issuerCertificate: string,
  answers: readonly SampleAnswer[],
  algorithm: SignatureAlgorithm,
): RehearsalCheck {
  const version = openssl(["version"]);
  if (version.error) return skipped("openssl is not installed here");
  const name = version.stdout.trim();
  if (algorithm.startsWith("mlDsa") && !knowsMlDsa())
    return skipped(`${name} does not know ML-DSA`);
  const folder = mkdtempSync(join(tmpdir(), "vouch-rehearse-"));
  try {
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, pemText("CERTIFICATE", readCertificateFile(issuerCertificate).der));
    const faults = answers.flatMap((answer) => fault(folder, ca, answer) ?? []);
    const [first] = faults;
    if (first) return { check: "openssl", result: "failed", detail: `${name}: ${first}` };
    return { check: "openssl", result: "passed", detail: `${name} verifies all of them` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function knowsMlDsa(): boolean {
  return openssl(["list", "-signature-algorithms"]).stdout.includes("ML-DSA");
}

/** What openssl says against an answer. */
function fault(folder: string, ca: string, answer: SampleAnswer): string | undefined {
  const { der, serialNumber, hash, says } = answer;
  const file = join(folder, "answer.der");
  writeFileSync(file, der);
  const asked = ["-issuer", ca, `-${hash}`, "-serial", `0x${serialNumber}`, "-no_nonce"];
  // An intermediate CA is trusted as it stands: what is tried is the signer under it.
  const trust = ["-CAfile", ca, "-partial_chain", "-respin", file];
  const { stdout, stderr } = openssl(["ocsp", ...asked, ...trust]);
  const isVerified = stderr.includes("Response verify OK");
  if (isVerified && stdout.includes(`: ${says}`)) return undefined;
  return `an answer that says ${says} for ${hash}: ${(stderr || stdout).trim()}`;
}

function openssl(args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("openssl", args, { encoding: "utf8", timeout: PATIENCE_MS });
}

function skipped(detail: string): RehearsalCheck {
  return { check: "openssl", result: "skipped", detail };
}
