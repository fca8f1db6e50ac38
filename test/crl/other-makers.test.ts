import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainCRL } from "../../src/cli/explain/explain-crl.ts";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { Tag } from "../../src/der/reader.ts";
import { element, integer, sequence } from "../../src/der/writer.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { mustRun } from "../support/run-program.ts";
import {
  type CRLParts,
  certificateOf,
  crlNumber,
  entry,
  extension,
  generalizedTime,
  type HandMaker,
  openHandMaker,
  utcTime,
} from "./hand-made-crl.ts";

/*
 * What CAs write that Vouch would not, as it was met in the collections of PKITS, BoringSSL, webpki, zlint, Botan and
 * certvalidator, made anew: taken where relying parties take it, refused where they refuse it.
 */

const TRUE = Buffer.of(0xff);
const FALSE = Buffer.of(0);
const point = (...fields: Uint8Array[]): Buffer =>
  extension("2.5.29.28", sequence(...fields), true);
const reason = (code: number): Buffer =>
  extension("2.5.29.21", element(Tag.enumerated, Buffer.of(code)));
const unknown = (critical: boolean): Buffer =>
  extension("1.2.3.4", Buffer.from("0500", "hex"), critical);

let maker: HandMaker;
const made = (parts: Partial<CRLParts> = {}): Buffer => maker.made(parts);

beforeAll(() => {
  maker = openHandMaker("Cơ quan  Thử nghiệm");
});

afterAll(() => maker?.pki.remove());

describe("is read although RFC 5280 has it otherwise", () => {
  const shapes: [string, () => Partial<CRLParts>][] = [
    [
      "GeneralizedTime before 2050",
      () => ({
        thisUpdate: generalizedTime(-1),
        nextUpdate: generalizedTime(24),
        entries: [entry("05", generalizedTime(-9))],
      }),
    ],
    ["an empty list of revoked certificates", () => ({ entries: [] })],
    ["critical FALSE written out", () => ({ extensions: [crlNumber(), unknown(false)] })],
    [
      "flags of issuingDistributionPoint that are FALSE, written out",
      () => ({ extensions: [crlNumber(), point(element(0x81, FALSE), element(0x84, FALSE))] }),
    ],
  ];

  it.each(shapes)("%s; our own proof refuses it", async (_, parts) => {
    const crl = made(parts());
    expect(maker.read(crl).summary.crlNumber).toBe(7n);
    expect(() => readCertificateList(crl)).toThrow(/bad DER/);
    expect(await maker.verified(crl)).toEqual([]);
  });

  it("the CA's name in other letters, spaces and string types (RFC 5280 7.1)", async () => {
    const text = Buffer.from(" CƠ QUAN thử NGHIỆM ");
    const subjectText = Buffer.from(maker.subject).toString("latin1");
    expect(subjectText).toContain(Buffer.from("Cơ quan  Thử nghiệm").toString("latin1"));
    const name = (type: Uint8Array, tag: number, value: Buffer): Buffer =>
      element(Tag.set, sequence(element(Tag.oid, type), element(tag, value)));
    const issuer = sequence(
      name(Buffer.from("550406", "hex"), 0x0c, Buffer.from("vn")),
      name(Buffer.from("55040a", "hex"), 0x0c, Buffer.from("ĐƠN VỊ THỬ NGHIỆM")),
      name(Buffer.from("550403", "hex"), 0x0c, text),
    );
    const crl = made({ issuer });
    expect(maker.read(crl).summary.crlNumber).toBe(7n);
    expect(await maker.verified(crl)).toEqual([]);
  });

  it("authorityKeyIdentifier of a CA whose certificate has no subjectKeyIdentifier", async () => {
    const args = ["req", "-x509", "-key", "ca.key", "-subj", "/CN=Bare", "-days", "9"];
    writeFileSync(
      join(maker.pki.folder, "bare.cnf"),
      "[req]\ndistinguished_name=n\nx509_extensions=e\n[n]\n[e]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\n",
    );
    mustRun("openssl", [...args, "-config", "bare.cnf", "-out", "bare.pem"], maker.pki.folder);
    const bare = join(maker.pki.folder, "bare.pem");
    const issuer = certificateOf(bare);
    const keyId = extension("2.5.29.35", sequence(element(0x80, Buffer.from("0102"))));
    const parts = { issuer: readCertificate(issuer).subject, extensions: [keyId, crlNumber()] };
    expect(maker.read(made(parts), issuer).summary.crlNumber).toBe(7n);
    expect(await maker.verified(made(parts), bare)).toEqual([]);
  });
});

describe("is explained", () => {
  it("whatever is wrong with how many entries; as lapses where everybody takes them", () => {
    const times = Array.from({ length: 30 }, () => entry("05", generalizedTime(-9)));
    const lapses = explainCRL(made({ entries: times })).flaws.filter(
      ({ weight }) => weight === "lapse",
    );
    expect(lapses.map(({ where, problem }) => `${where}: ${problem}`)).toEqual([
      ...["crlExtensions: authorityKeyIdentifier is missing"],
      ...Array.from(
        { length: 20 },
        (_, i) => `entry ${i + 1}: GeneralizedTime where UTCTime is due`,
      ),
      "revokedCertificates: and 10 more entries with something wrong",
    ]);
    // Each of them a failure of the strict reader, and more than it is tried with.
    const reasons = Array.from({ length: 300 }, (_, i) => {
      const serial = (0x1000 + i).toString(16);
      return entry(serial, utcTime(-9), sequence(reason(i % 2 === 0 ? 7 : 1)));
    });
    const { fields, flaws } = explainCRL(made({ entries: reasons }));
    expect(fields["revokedCertificates"]).toMatchObject({
      count: 300,
      reasons: { keyCompromise: 150, 7: 150 },
    });
    const errors = flaws.filter(({ weight }) => weight === "error");
    expect(errors.at(1)).toMatchObject({ where: "entry 3", problem: "CRLReason 7, which is none" });
    expect(errors.at(-1)?.problem).toBe("and 130 more entries with something wrong");
  });
});

describe("is refused", () => {
  const shapes: [string, () => Partial<CRLParts>, byImport: RegExp, byVerify: RegExp][] = [
    [
      "v1 written out",
      () => ({ version: integer(0), extensions: undefined }),
      /version is not v2/,
      /v1 is the default/,
    ],
    ["v3", () => ({ version: integer(2) }), /version is not v2/, /v3, where CRLs of today are v2/],
    [
      "v1 with extensions of entries",
      () => ({
        version: Buffer.alloc(0),
        entries: [entry("05", utcTime(-9), sequence(unknown(false)))],
        extensions: undefined,
      }),
      /v1 with extensions/,
      /which only v2 has/,
    ],
    [
      "of users' and of CAs' certificates at once",
      () => ({ extensions: [crlNumber(), point(element(0x81, TRUE), element(0x82, TRUE))] }),
      /more than one onlyContains/,
      /nothing is both/,
    ],
    [
      "a reason that there is not",
      () => ({ entries: [entry("05", utcTime(-9), sequence(reason(7)))] }),
      /CRLReason 7/,
      /entry 1: CRLReason 7, which is none/,
    ],
    [
      "empty extensions of an entry",
      () => ({ entries: [entry("05", utcTime(-9), sequence())] }),
      /empty Extensions/,
      /a list of extensions with none in it/,
    ],
    [
      "an empty issuingDistributionPoint",
      () => ({ extensions: [crlNumber(), point()] }),
      /empty IssuingDistributionPoint/,
      /an empty one/,
    ],
  ];

  it.each(shapes)("%s", async (_, parts, byImport, byVerify) => {
    const crl = made(parts());
    expect(() => maker.read(crl)).toThrow(byImport);
    expect((await maker.verified(crl)).join()).toMatch(byVerify);
  });

  it("of a CA whose certificate does not allow cRLSign", async () => {
    const args = ["req", "-x509", "-key", "ca.key", "-subj", "/CN=No CRLs", "-days", "9"];
    const usage = ["-addext", "keyUsage=critical,keyCertSign"];
    mustRun("openssl", [...args, ...usage, "-out", "nocrl.pem"], maker.pki.folder);
    const file = join(maker.pki.folder, "nocrl.pem");
    const issuer = certificateOf(file);
    const crl = made({ issuer: readCertificate(issuer).subject });
    expect(() => maker.read(crl, issuer)).toThrow(/keyUsage .* lacks cRLSign/);
    expect((await maker.verified(crl, file)).join()).toMatch(/does not allow cRLSign/);
  });
});
