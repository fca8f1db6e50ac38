import { spawnSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseRfc3339 } from "../../src/der/time.ts";
import { type DemoPki, demoFiles, makeDemoPki } from "../../src/setup/demo-pki.ts";
import { REVOCATION_REASONS } from "../../src/x509/reason.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const now = Math.floor(Date.now() / 1000);
const parent = tempFolder();
const folder = join(parent, "config", "pki");
let pki: DemoPki;

beforeAll(async () => {
  pki = await makeDemoPki(folder, { now });
});
afterAll(() => removeFolder(parent));

function openssl(...args: string[]): string {
  return mustRun("openssl", args);
}

function textOf(file: string): string {
  return openssl("x509", "-in", file, "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space");
}

function bundle(file: string): string[] {
  return readFileSync(file, "utf8").match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g) ?? [];
}

function unixSeconds(date: string): number {
  return Date.parse(date) / 1000;
}

describe.each(["demo-ec", "demo-rsa"])("%s", (name) => {
  const [files] = demoFiles(folder).filter((issuer) => issuer.name === name);
  if (!files) throw new Error(`no files of ${name}`);
  const { caFile, keyFile, signerFile, signerKeyFile, certsFile, goodFile, revokedFile } = files;
  const rows = (): DemoPki["issuers"][number]["rows"] =>
    pki.issuers.find((issuer) => issuer.name === name)?.rows ?? [];

  test("is a self-signed CA for 20 years that may sign certificates and CRLs", () => {
    expect(openssl("verify", "-x509_strict", "-check_ss_sig", "-CAfile", caFile, caFile)).toContain(
      "OK",
    );
    const text = textOf(caFile);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE\n/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    const ca = new X509Certificate(readFileSync(caFile));
    const years = (unixSeconds(ca.validTo) - unixSeconds(ca.validFrom)) / (365 * 86_400);
    expect(years).toBe(20);
    const ski = openssl("x509", "-in", caFile, "-noout", "-ext", "subjectKeyIdentifier");
    const aki = openssl("x509", "-in", goodFile, "-noout", "-ext", "authorityKeyIdentifier");
    expect(aki.split("\n")[1]?.trim()).toBe(ski.split("\n")[1]?.trim());
  });

  test("has a delegated signer that openssl accepts for OCSP and nothing else", () => {
    const verify = [
      "verify",
      "-x509_strict",
      "-purpose",
      "ocsphelper",
      "-CAfile",
      caFile,
      signerFile,
    ];
    expect(openssl(...verify)).toContain("OK");
    const text = textOf(signerFile);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \s+OCSP Signing\n/);
    expect(text).toMatch(/OCSP No Check: \n/);
    expect(text).not.toMatch(/CA:TRUE|CRL Distribution|Authority Information/);
    const der = new X509Certificate(readFileSync(signerFile)).raw;
    const nocheck = "06092b0601050507300105" + "0402" + "0500";
    expect(der.toString("hex")).toContain(nocheck);
  });

  test.each([
    ["CA", caFile, keyFile],
    ["OCSP signer", signerFile, signerKeyFile],
  ])("the %s's key belongs to its certificate and is its owner's alone", (_, certificate, key) => {
    const { publicKey } = new X509Certificate(readFileSync(certificate));
    expect(createPublicKey(readFileSync(key)).equals(publicKey)).toBe(true);
    expect(statSync(key).mode & 0o777).toBe(0o600);
  });

  test("its 150 certificates verify, and say where their status is", () => {
    const pems = bundle(certsFile);
    expect(pems).toHaveLength(150);
    const ca = new X509Certificate(readFileSync(caFile));
    for (const pem of pems) {
      const certificate = new X509Certificate(pem);
      expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
      const urls = certificate.infoAccess;
      expect(urls).toContain("OCSP - URI:http://127.0.0.1:8080/\n");
      expect(urls).toContain(`CA Issuers - URI:http://127.0.0.1:8080/ca/${name}.cer`);
    }
    const each = pems.map((pem, index) => {
      const file = join(parent, `${name}-${index}.pem`);
      writeFileSync(file, pem);
      return file;
    });
    // Some have expired; that they once were valid is enough here.
    const verify = ["verify", "-x509_strict", "-no_check_time", "-CAfile", caFile, ...each];
    expect(openssl(...verify).match(/: OK\n/g)).toHaveLength(150);
    const crls = openssl("x509", "-in", goodFile, "-noout", "-ext", "crlDistributionPoints");
    expect(crls).toContain(`URI:http://127.0.0.1:8080/crl/${name}.crl\n`);
  });

  test("each row is the certificate at its line", () => {
    const lines = readFileSync(certsFile, "utf8").split("\n");
    expect(rows()).toHaveLength(150);
    for (const row of rows()) {
      expect(row.file).toBe(certsFile);
      const certificate = new X509Certificate(lines.slice(row.line - 1).join("\n"));
      expect(lines[row.line - 1]).toBe("-----BEGIN CERTIFICATE-----");
      expect(row.serialNumber).toMatch(/^[4-7][0-9a-f]{31}$/);
      expect(row.serialNumber).toBe(certificate.serialNumber.toLowerCase());
      expect(parseRfc3339(row.notAfter ?? "")).toBe(unixSeconds(certificate.validTo));
      expect(row.revocationDate === null).toBe(row.status === "good");
    }
    expect(new Set(rows().map(({ serialNumber }) => serialNumber)).size).toBe(150);
  });

  test("12 are revoked, for several reasons, in the past and while they were valid", () => {
    const revoked = rows().filter(({ status }) => status === "revoked");
    expect(revoked).toHaveLength(12);
    expect(new Set(revoked.map(({ reason }) => reason)).size).toBe(6);
    expect(new Set(revoked.map(({ revocationDate }) => revocationDate)).size).toBe(12);
    for (const { reason, revocationDate, invalidityDate, notAfter } of revoked) {
      expect(REVOCATION_REASONS).toContain(reason);
      const at = parseRfc3339(revocationDate ?? "") ?? Number.NaN;
      const end = parseRfc3339(notAfter ?? "") ?? Number.NaN;
      expect(at).toBeLessThan(Math.min(now, end));
      expect(at).toBeGreaterThan(end - 4 * 365 * 86_400);
      if (invalidityDate) expect(parseRfc3339(invalidityDate)).toBeLessThan(at);
      expect(invalidityDate !== null).toBe(reason === "keyCompromise");
    }
  });

  test("a handful is expired, one of them revoked; the others end in 1 to 3 years", () => {
    const ends = rows().map((row) => ({ row, at: parseRfc3339(row.notAfter ?? "") ?? Number.NaN }));
    const expired = ends.filter(({ at }) => at < now);
    expect(expired).toHaveLength(6);
    expect(expired.filter(({ row }) => row.status === "revoked")).toHaveLength(1);
    for (const { at } of ends.filter((end) => !expired.includes(end))) {
      expect(at).toBeGreaterThanOrEqual(now + 365 * 86_400);
      expect(at).toBeLessThanOrEqual(now + 3 * 365 * 86_400);
    }
  });

  test.each([
    ["good", goodFile],
    ["revoked", revokedFile],
  ])(
    "the single %s certificate is one of the bundle, valid, and has that status",
    (status, file) => {
      const [pem = "", ...others] = bundle(file);
      expect(others).toEqual([]);
      expect(bundle(certsFile)).toContain(pem);
      const { serialNumber, validTo } = new X509Certificate(pem);
      const row = rows().find((each) => each.serialNumber === serialNumber.toLowerCase());
      expect(row?.status).toBe(status);
      expect(unixSeconds(validTo)).toBeGreaterThan(now);
    },
  );

  test("subjects are UTF-8 of at most 64 characters each, all different", () => {
    const subjects = bundle(certsFile).map((pem) => new X509Certificate(pem).subject);
    expect(new Set(subjects).size).toBe(150);
    for (const subject of subjects) {
      expect(subject).toMatch(/^C=VN\nO=Vouch Demo \(thử nghiệm\)\nCN=.*\(thử nghiệm\)$/);
      expect(subject.split("CN=")[1]?.length).toBeLessThanOrEqual(64);
    }
  });

  test("answers that openssl signs with the signer are accepted by openssl", () => {
    const [request, response] = [join(parent, `${name}.req`), join(parent, `${name}.resp`)];
    const index = join(parent, `${name}-index.txt`);
    const utcTime = (at: string | null): string => (at ?? "").replace(/^20|[-T:]/g, "");
    const lines = rows().map((row) => {
      const revocation =
        row.status === "revoked" ? `${utcTime(row.revocationDate)},${row.reason}` : "";
      const flag = row.status === "revoked" ? "R" : "V";
      return [
        flag,
        utcTime(row.notAfter),
        revocation,
        row.serialNumber.toUpperCase(),
        "unknown",
        `/CN=${row.serialNumber}`,
      ].join("\t");
    });
    writeFileSync(index, `${lines.join("\n")}\n`);
    const asked = ["-no_nonce", "-issuer", caFile, "-cert", goodFile, "-cert", revokedFile];
    openssl("ocsp", ...asked, "-reqout", request);
    const signing = ["-rsigner", signerFile, "-rkey", signerKeyFile, "-ndays", "1"];
    openssl(
      "ocsp",
      "-index",
      index,
      "-CA",
      caFile,
      ...signing,
      "-reqin",
      request,
      "-respout",
      response,
    );
    const { stdout, stderr } = spawnSync(
      "openssl",
      ["ocsp", ...asked, "-respin", response, "-CAfile", caFile],
      { encoding: "utf8" },
    );
    const said = `${stdout}${stderr}`;
    expect(said).toContain("Response verify OK");
    expect(said).toContain(`${goodFile}: good`);
    expect(said).toContain(`${revokedFile}: revoked`);
    expect(said).toContain("Reason: keyCompromise");
  });
});

test("the RSA issuer's name is Vietnamese in UTF8Strings, byte by byte", () => {
  const der = new X509Certificate(readFileSync(join(folder, "demo-rsa.pem"))).raw;
  // commonName, UTF8String "CA phục vụ các cơ quan Nhà nước (thử nghiệm)".
  const commonName =
    "4341207068e1bba5632076e1bba52063c3a16320" + // CA phục vụ các
    "63c6a1207175616e204e68c3a0206ec6b0e1bb9b6320" + // cơ quan Nhà nước
    "287468e1bbad206e676869e1bb876d29"; // (thử nghiệm)
  const length = (commonName.length / 2).toString(16);
  expect(der.toString("hex")).toContain(`06035504030c${length}${commonName}`);
  expect(der.toString("hex")).toContain("06035504061302564e");
  expect(textOf(join(folder, "demo-rsa-good.pem"))).toContain(
    "Issuer: C=VN, O=Ban Cơ yếu Demo, CN=CA phục vụ các cơ quan Nhà nước (thử nghiệm)",
  );
});

test("the two issuers have the algorithms they are named for", () => {
  expect(textOf(join(folder, "demo-ec-ocsp.pem"))).toMatch(
    /ecdsa-with-SHA256[\s\S]+NIST CURVE: P-256/,
  );
  expect(textOf(join(folder, "demo-rsa-ocsp.pem"))).toMatch(
    /sha256WithRSAEncryption[\s\S]+Public-Key: \(2048 bit\)/,
  );
});
