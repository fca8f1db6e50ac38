import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateRevocationList } from "pkijs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CRLFields } from "../../src/crl/crl-fields.ts";
import type { RevokedEntry } from "../../src/crl/entry.ts";
import { END_OF_TIME } from "../../src/der/time.ts";
import { CRLReason, type ReasonName } from "../../src/x509/reason.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { makeSigningCA, type SigningCA, serial, signCRL } from "./signing-ca.ts";

/** A reason for each serial number, and how OpenSSL writes it. */
const listed: readonly [string, ReasonName, string | undefined][] = [
  ["1ab23f", "unspecified", undefined],
  ["4fff982709f9c2593c10e906bd482b01", "keyCompromise", "Key Compromise"],
  ["61", "cACompromise", "CA Compromise"],
  ["62", "affiliationChanged", "Affiliation Changed"],
  ["63", "superseded", "Superseded"],
  ["64", "cessationOfOperation", "Cessation Of Operation"],
  ["65", "certificateHold", "Certificate Hold"],
  ["66", "privilegeWithdrawn", "Privilege Withdrawn"],
  ["67", "aACompromise", "AA Compromise"],
  ["ff303ae4e90ac1ed", "superseded", "Superseded"],
  ["7fffffffffffffffffffffffffffffffffffff01", "superseded", "Superseded"],
];

const REVOKED = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;
const INVALID = Date.UTC(2025, 11, 31, 23, 59, 58) / 1000;

const entries: readonly RevokedEntry[] = listed.map(([text, reason], index) => ({
  serialNumber: serial(text),
  revocationDate: REVOKED + index,
  reason: CRLReason[reason],
  invalidityDate: index % 2 === 0 ? undefined : INVALID,
}));

const inOrder = entries.toSorted((a, b) => Buffer.compare(a.serialNumber, b.serialNumber));

function textOfDate(at: number): string {
  const [, day, month, year, time] = new Date(at * 1000).toUTCString().split(" ");
  return `${month} ${String(Number(day)).padStart(2)} ${time} ${year} GMT`;
}

/** Serial number, date, reason and invalidity date of each entry in `openssl crl -text`. */
function entriesInText(text: string): (string | undefined)[][] {
  const [, ...blocks] = text.split(/Serial Number: /);
  return blocks.map((block) => [
    /^[0-9A-F]+/.exec(block)?.[0].toLowerCase(),
    /Revocation Date: (.*)/.exec(block)?.[1],
    /Reason Code: *\n *(.*)/.exec(block)?.[1],
    /Invalidity Date: *\n *(.*)/.exec(block)?.[1],
  ]);
}

describe.each(["ec", "rsa"] as const)("a CRL of ours, %s", (algorithm) => {
  let ca: SigningCA;
  beforeAll(() => {
    ca = makeSigningCA(algorithm);
  });
  afterAll(() => ca.pki.remove());

  function writeCRL(changes: Partial<CRLFields>, ofEntries: readonly RevokedEntry[]): string {
    const file = join(ca.pki.folder, "ours.crl");
    writeFileSync(file, signCRL(ca.privateKey, { ...ca.fields, ...changes }, ofEntries));
    return file;
  }

  it("is verified by openssl, which shows every entry as it was meant", async () => {
    const file = writeCRL({ expiredCertsOnCRL: INVALID }, inOrder);
    const source = ["-inform", "DER", "-in", file, "-CAfile", ca.pki.caCertificate];
    const ended = await run("openssl", ["crl", "-verify", "-noout", "-text", ...source]);
    expect(ended.stderr).toContain("verify OK");
    expect(ended.stdout).toContain("Version 2 (0x1)");
    expect(ended.stdout).toContain(`Last Update: ${textOfDate(ca.fields.thisUpdate)}`);
    expect(ended.stdout).toContain(`Next Update: ${textOfDate(ca.fields.nextUpdate)}`);
    expect(ended.stdout).not.toContain("critical");
    expect(ended.stdout).toContain("2.5.29.60");
    expect(entriesInText(ended.stdout)).toEqual(
      inOrder.map((entry) => {
        const reason = listed.find(([text]) => text === serialNumberText(entry.serialNumber));
        const { invalidityDate } = entry;
        return [
          serialNumberText(entry.serialNumber),
          textOfDate(entry.revocationDate),
          reason?.[2],
          invalidityDate === undefined ? undefined : textOfDate(invalidityDate),
        ];
      }),
    );
  });

  it("has the number that openssl prints", async () => {
    const file = writeCRL({}, []);
    const ended = await run("openssl", [
      "crl",
      "-inform",
      "DER",
      "-in",
      file,
      "-noout",
      "-crlnumber",
    ]);
    expect(ended.stdout.trim().toLowerCase()).toBe(
      `crlnumber=0x${ca.fields.crlNumber.toString(16).padStart(12, "0")}`,
    );
  });

  it("without entries has no revokedCertificates", async () => {
    const file = writeCRL({}, []);
    const source = ["-inform", "DER", "-in", file, "-CAfile", ca.pki.caCertificate];
    const ended = await run("openssl", ["crl", "-verify", "-noout", "-text", ...source]);
    expect(ended.stderr).toContain("verify OK");
    expect(ended.stdout).toContain("No Revoked Certificates.");
  });

  it("may be the last one, without a well-defined end", async () => {
    const file = writeCRL({ nextUpdate: END_OF_TIME }, inOrder);
    const source = ["-inform", "DER", "-in", file, "-CAfile", ca.pki.caCertificate];
    const ended = await run("openssl", ["crl", "-verify", "-noout", "-nextupdate", ...source]);
    expect(ended.stderr).toContain("verify OK");
    expect(ended.stdout).toContain("nextUpdate=Dec 31 23:59:59 9999 GMT");
  });

  it("makes openssl verify tell revoked from good", async () => {
    const [good, revoked] = ca.pki.leaves;
    const serialNumber = serial(revoked?.serialNumber ?? "");
    const der = writeCRL({}, [{ ...(inOrder[0] as RevokedEntry), serialNumber }]);
    const pem = `${der}.pem`;
    await run("openssl", ["crl", "-inform", "DER", "-in", der, "-out", pem]);
    const check = (certificate = "") =>
      run("openssl", [
        "verify",
        ...["-crl_check", "-CAfile", ca.pki.caCertificate, "-CRLfile", pem],
        certificate,
      ]);
    expect(await check(good?.certificate)).toMatchObject({ code: 0 });
    const refused = await check(revoked?.certificate);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("certificate revoked");
  });

  it("is read by pkijs", () => {
    const file = writeCRL({}, inOrder);
    const crl = CertificateRevocationList.fromBER(readFileSync(file));
    expect(crl.version).toBe(1);
    expect(crl.thisUpdate.value.getTime()).toBe(ca.fields.thisUpdate * 1000);
    expect(crl.crlExtensions?.extensions.map(({ extnID }) => extnID)).toEqual([
      "2.5.29.35",
      "2.5.29.20",
    ]);
    const read = crl.revokedCertificates?.map((entry) => ({
      serialNumber: serialNumberText(entry.userCertificate.valueBlock.valueHexView),
      revocationDate: entry.revocationDate.value.getTime() / 1000,
      extensions: entry.crlEntryExtensions?.extensions.length ?? 0,
    }));
    expect(read).toEqual(
      inOrder.map(({ serialNumber, revocationDate, reason, invalidityDate }) => ({
        serialNumber: serialNumberText(serialNumber),
        revocationDate,
        extensions: Number(reason !== 0) + Number(invalidityDate !== undefined),
      })),
    );
  });

  needs("certtool", "apt-get install gnutls-bin")("is verified by GnuTLS", async () => {
    const file = writeCRL({}, inOrder);
    const source = ["--inder", "--infile", file];
    const info = await run("certtool", ["--crl-info", ...source]);
    expect(info.stdout).toContain(`Revoked certificates (${inOrder.length}):`);
    expect(info.stdout).toContain(
      `CRL Number (not critical): ${ca.fields.crlNumber.toString(16).padStart(12, "0")}`,
    );
    for (const [text] of listed) {
      expect(info.stdout.toLowerCase()).toMatch(
        new RegExp(`serial number \\(hex\\): (00)?${text}\n`),
      );
    }
    // --inder would be taken to hold for the CA's certificate too.
    const pem = `${file}.pem`;
    await run("openssl", ["crl", "-inform", "DER", "-in", file, "-out", pem]);
    const issuer = ["--load-ca-certificate", ca.pki.caCertificate];
    const verified = await run("certtool", ["--verify-crl", ...issuer, "--infile", pem]);
    expect(verified.stdout).toContain("Verification output: Verified");
  });
});
