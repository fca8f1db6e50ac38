import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImportRow } from "../../../src/authority/admin-import-types.ts";
import { readIndexText } from "../../../src/authority/import/index-txt.ts";
import type { Parsed } from "../../../src/authority/import/parsed.ts";
import { rfc3339 } from "../../../src/der/time.ts";
import { readCertificate } from "../../../src/x509/certificate.ts";
import { serialNumberText } from "../../../src/x509/serial-number.ts";
import { derOf, OpensslCA } from "../../x509/openssl-ca.ts";

const NOW = Date.parse("2026-07-01T12:00:00Z") / 1000;

function read(text: string | Buffer, now = NOW): Parsed {
  return readIndexText("index.txt", Buffer.from(text as string), now);
}

describe("the index.txt of a real openssl ca", () => {
  let ca: OpensslCA;
  let rows: readonly ImportRow[];
  const reasons = [
    "unspecified",
    "keyCompromise",
    "CACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
  ];
  const files = new Map<string, string>();

  beforeAll(() => {
    ca = new OpensslCA("/C=VN/O=Ban Cơ yếu Chính phủ/CN=Cơ quan chứng thực số");
    files.set("good", ca.enter("/C=VN/O=Bộ Tài chính/CN=Nguyễn Văn Đức"));
    files.set("expired", enterUntil("/CN=expired", "200101000000Z"));
    files.set("endless", enterUntil("/CN=endless", "99991231235959Z"));
    files.set("no reason", revoked());
    for (const reason of reasons) files.set(reason, revoked("-crl_reason", reason));
    files.set("hold instruction", revoked("-crl_hold", "holdInstructionReject"));
    files.set("key time", revoked("-crl_compromise", "20240229235959Z"));
    files.set("CA key time", revoked("-crl_CA_compromise", "20250102030405Z"));
    ca.run("ca", "-config", "openssl.cnf", "-updatedb");
    const parsed = readIndexText("index.txt", ca.read("index.txt"), Date.now() / 1000);
    expect(parsed.bad).toEqual([]);
    rows = parsed.rows;
  });

  afterAll(() => ca.remove());

  function enterUntil(subject: string, end: string): string {
    return ca.enter(subject, "-startdate", "190101000000Z", "-enddate", end);
  }

  function revoked(...how: string[]): string {
    const file = ca.enter(`/C=VN/CN=${how.at(-1) ?? "none"}`);
    ca.revoke(file, ...how);
    return file;
  }

  function rowOf(name: string): ImportRow | undefined {
    const certificate = readCertificate(derOf(ca.read(files.get(name) ?? "")));
    return rows.find((row) => row.serialNumber === serialNumberText(certificate.serialNumber));
  }

  test("has every certificate, with the notAfter that is in it", () => {
    expect(rows).toHaveLength(files.size);
    for (const [name, file] of files) {
      const { notAfter } = readCertificate(derOf(ca.read(file)));
      expect(rowOf(name)?.notAfter).toBe(rfc3339(notAfter));
    }
    expect(rowOf("endless")?.notAfter).toBe("9999-12-31T23:59:59Z");
  });

  test("V and E are good", () => {
    expect(ca.read("index.txt").toString()).toMatch(/^E\t200101000000Z\t/m);
    const good = { status: "good", reason: null, revocationDate: null, invalidityDate: null };
    for (const name of ["good", "expired", "endless"]) expect(rowOf(name)).toMatchObject(good);
  });

  test.each([
    ["no reason", "revoked", "unspecified", null],
    ["unspecified", "revoked", "unspecified", null],
    ["keyCompromise", "revoked", "keyCompromise", null],
    ["CACompromise", "revoked", "cACompromise", null],
    ["affiliationChanged", "revoked", "affiliationChanged", null],
    ["superseded", "revoked", "superseded", null],
    ["cessationOfOperation", "revoked", "cessationOfOperation", null],
    ["certificateHold", "hold", "certificateHold", null],
    ["hold instruction", "hold", "certificateHold", null],
    ["key time", "revoked", "keyCompromise", "2024-02-29T23:59:59Z"],
    ["CA key time", "revoked", "cACompromise", "2025-01-02T03:04:05Z"],
  ])("revoked with %s", (name, status, reason, invalidityDate) => {
    expect(rowOf(name)).toMatchObject({ status, reason, invalidityDate });
  });

  test("says of each revoked one what openssl's own CRL says", () => {
    ca.run("ca", "-config", "openssl.cnf", "-gencrl", "-out", "crl.pem");
    const text = ca.run("crl", "-in", "crl.pem", "-noout", "-text");
    const listed = [...text.matchAll(/Serial Number: (\w+)\s+Revocation Date: (.*)/g)];
    const ours = rows.filter(({ status }) => status !== "good");
    expect(listed).toHaveLength(ours.length);
    for (const [, serial = "", date = ""] of listed) {
      const serialNumber = serial.toLowerCase().replace(/^0+/, "");
      const row = ours.find((each) => each.serialNumber === serialNumber);
      expect(row?.revocationDate).toBe(rfc3339(Date.parse(date) / 1000));
    }
  });
});

const V = "V\t270101000000Z\t\t0A\tunknown\t/CN=a";

describe("lines", () => {
  test("CRLF, blank lines, comments, a byte order mark, no last line end; numbers count them all", () => {
    const { rows, bad } = read(
      `\uFEFF# made by hand\r\n\r\n${V}\r\n   \r\n${V.replace("0A", "0B")}`,
    );
    expect(bad).toEqual([]);
    expect(rows.map(({ serialNumber, line }) => [serialNumber, line])).toEqual([
      ["a", 3],
      ["b", 5],
    ]);
  });

  test("an empty file, as of a new CA, is no error", () => {
    expect(read("")).toMatchObject({ rows: [], bad: [] });
  });

  test("a tab in a subject, as OpenSSL escapes it", () => {
    expect(read(`${V}\\\tb`)).toMatchObject({ rows: [{ serialNumber: "a" }], bad: [] });
  });

  test("years before 2000 and GeneralizedTime", () => {
    const { rows } = read(`E\t991231235959Z\t\t0A\tu\t/CN=a\nV\t20500101000000Z\t\t0B\tu\t/CN=b`);
    expect(rows.map(({ notAfter }) => notAfter)).toEqual([
      "1999-12-31T23:59:59Z",
      "2050-01-01T00:00:00Z",
    ]);
  });
});

describe("a bad line is told by its number, and the rest goes in", () => {
  const R = (revocation: string): string => `R\t270101000000Z\t${revocation}\t0A\tunknown\t/CN=a`;
  const table: [string, string, string][] = [
    ["spaces for tabs", V.replaceAll("\t", " "), "1 fields between tabs where index.txt has 6"],
    ["a tab too many", `${V}\tb`, "7 fields between tabs where index.txt has 6"],
    ["another letter", V.replace("V", "S"), 'status "S" is not V, R or E'],
    ["a letter of Object's", V.replace("V", "constructor"), 'status "constructor" is not V'],
    ["no expiry", V.replace("270101000000Z", ""), "there is no notAfter"],
    ["a day that is none", V.replace("270101", "270230"), 'notAfter "270230000000Z" is not a time'],
    ["no serial number", V.replace("0A", ""), "there is no serialNumber"],
    ["a serial number that is none", V.replace("0A", "0G"), 'serialNumber "0G" is not a positive'],
    ["a negative one", V.replace("0A", "-0A"), 'serialNumber "-0A" is not a positive'],
    ["zero", V.replace("0A", "00"), 'serialNumber "00" is not a positive'],
    [
      "33 octets",
      V.replace("0A", "7F".repeat(33)),
      "is not a positive hexadecimal number of at most 32",
    ],
    [
      "V with a revocation",
      R("260101000000Z").replace("R", "V"),
      "status is good, but there is a revocationDate",
    ],
    ["R without one", R(""), "status is revoked, but there is no revocationDate"],
    ["R with a reason only", R(",keyCompromise"), "there is no revocationDate"],
    [
      "a revocation in the future",
      R("260701120001Z"),
      "revocationDate 2026-07-01T12:00:01Z is in the future",
    ],
    ["a bad revocation date", R("2601010000Z"), 'revocationDate "2601010000Z" is not a time'],
    ["an unknown reason", R("260101000000Z,stolen"), 'reason "stolen" is none'],
    ["removeFromCRL", R("260101000000Z,removeFromCRL"), "removeFromCRL says that a hold ended"],
    ["keyTime without a time", R("260101000000Z,keyTime"), "no time of compromise follows"],
    ["a bad time of compromise", R("260101000000Z,keyTime,x"), 'invalidityDate "x" is not a time'],
    ["more after a reason", R("260101000000Z,superseded,x"), '"x" after the reason superseded'],
    ["terminal escapes", V.replace("V", "\u001b[2J"), 'status "\\1B[2J" is not'],
  ];
  test.each(table)("%s", (_, text, message) => {
    const { rows, bad } = read(`${V}\n${text}\n${V}`);
    expect(rows.map(({ line }) => line)).toEqual([1, 3]);
    expect(bad).toEqual([
      { file: "index.txt", line: 2, message: expect.stringContaining(message) },
    ]);
  });

  test("a revocation of this very second is none of the future", () => {
    expect(read(R("260701120000Z")).bad).toEqual([]);
  });
});
