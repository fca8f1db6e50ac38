import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { foreignCRLFault, scopeText } from "../../src/crl/foreign-crl.ts";
import { ForeignCRLReader, type ReadForeignCRL } from "../../src/crl/foreign-crl-reader.ts";
import { unpackEntries } from "../../src/crl/packed-entries.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { element, integer, sequence } from "../../src/der/writer.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { pemBlocks } from "../../src/x509/pem.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { vouch } from "../support/vouch-cli.ts";
import {
  type CRLParts,
  entry,
  extension,
  generalizedTime,
  handMadeCRL,
  utcTime,
} from "./hand-made-crl.ts";

/*
 * What CAs write that Vouch would not, as it was met in the collections of PKITS, BoringSSL, webpki, zlint, Botan and
 * certvalidator, made anew: taken where relying parties take it, refused where they refuse it.
 */

const TRUE = Buffer.of(0xff);
const FALSE = Buffer.of(0);
const number = (value = 7): Buffer => extension("2.5.29.20", integer(value));
const point = (...fields: Uint8Array[]): Buffer =>
  extension("2.5.29.28", sequence(...fields), true);
const unknown = (critical: boolean): Buffer =>
  extension("1.2.3.4", Buffer.from("0500", "hex"), critical);

let pki: Pki;
let key: KeyObject;
let der: Buffer;
let subject: Uint8Array;

beforeAll(() => {
  pki = makePki({ algorithm: "ec", leaves: 0, name: "Cơ quan  Thử nghiệm" });
  key = createPrivateKey(readFileSync(pki.caKey));
  der = certificateOf(pki.caCertificate);
  subject = readCertificate(der).subject;
});

afterAll(() => pki?.remove());

function certificateOf(file: string): Buffer {
  const [block] = pemBlocks(readFileSync(file));
  if (!block || !("der" in block)) throw new Error(file);
  return Buffer.from(block.der);
}

function read(crl: Uint8Array, issuer: Uint8Array = der): ReadForeignCRL {
  const reader = new ForeignCRLReader(issuer, () => undefined);
  reader.push(crl);
  return reader.end();
}

const made = (parts: Partial<CRLParts> = {}): Buffer =>
  handMadeCRL({ issuer: subject, key, extensions: [number()], ...parts });

/** What `vouch crl verify` has against it. */
async function verified(crl: Uint8Array, issuer = pki.caCertificate): Promise<string[]> {
  const file = join(pki.folder, "made.crl");
  writeFileSync(file, crl);
  const { json } = await vouch(["crl", "verify", file, "--issuer", issuer], { json: true });
  return json.problems.map(({ where, problem }: Record<string, string>) => `${where}: ${problem}`);
}

const serials = ({ packed }: ReadForeignCRL): string[] =>
  [...unpackEntries(packed)].map(({ serialNumber }) => serialNumberText(serialNumber));

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
    ["critical FALSE written out", () => ({ extensions: [number(), unknown(false)] })],
    [
      "flags of issuingDistributionPoint that are FALSE, written out",
      () => ({ extensions: [number(), point(element(0x81, FALSE), element(0x84, FALSE))] }),
    ],
  ];

  it.each(shapes)("%s; our own proof refuses it", async (_, parts) => {
    const crl = made(parts());
    expect(read(crl).summary.crlNumber).toBe(7n);
    expect(() => readCertificateList(crl)).toThrow(/bad DER/);
    expect(await verified(crl)).toEqual([]);
  });

  it("the CA's name in other letters, spaces and string types (RFC 5280 7.1)", async () => {
    const text = Buffer.from(" CƠ QUAN thử NGHIỆM ");
    const subjectText = Buffer.from(subject).toString("latin1");
    expect(subjectText).toContain(Buffer.from("Cơ quan  Thử nghiệm").toString("latin1"));
    const name = (type: Uint8Array, tag: number, value: Buffer): Buffer =>
      element(Tag.set, sequence(element(Tag.oid, type), element(tag, value)));
    const issuer = sequence(
      name(Buffer.from("550406", "hex"), 0x0c, Buffer.from("vn")),
      name(Buffer.from("55040a", "hex"), 0x0c, Buffer.from("ĐƠN VỊ THỬ NGHIỆM")),
      name(Buffer.from("550403", "hex"), 0x0c, text),
    );
    const crl = made({ issuer });
    expect(read(crl).summary.crlNumber).toBe(7n);
    expect(await verified(crl)).toEqual([]);
  });

  it("authorityKeyIdentifier of a CA whose certificate has no subjectKeyIdentifier", async () => {
    const args = ["req", "-x509", "-key", "ca.key", "-subj", "/CN=Bare", "-days", "9"];
    writeFileSync(
      join(pki.folder, "bare.cnf"),
      "[req]\ndistinguished_name=n\nx509_extensions=e\n[n]\n[e]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\n",
    );
    mustRun("openssl", [...args, "-config", "bare.cnf", "-out", "bare.pem"], pki.folder);
    const bare = join(pki.folder, "bare.pem");
    const issuer = certificateOf(bare);
    const keyId = extension("2.5.29.35", sequence(element(0x80, Buffer.from("0102"))));
    const parts = { issuer: readCertificate(issuer).subject, extensions: [keyId, number()] };
    expect(read(made(parts), issuer).summary.crlNumber).toBe(7n);
    expect(await verified(made(parts), bare)).toEqual([]);
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
      () => ({ extensions: [number(), point(element(0x81, TRUE), element(0x82, TRUE))] }),
      /more than one onlyContains/,
      /nothing is both/,
    ],
    [
      "empty extensions of an entry",
      () => ({ entries: [entry("05", utcTime(-9), sequence())] }),
      /empty Extensions/,
      /a list of extensions with none in it/,
    ],
    [
      "an empty issuingDistributionPoint",
      () => ({ extensions: [number(), point()] }),
      /empty IssuingDistributionPoint/,
      /an empty one/,
    ],
  ];

  it.each(shapes)("%s", async (_, parts, byImport, byVerify) => {
    const crl = made(parts());
    expect(() => read(crl)).toThrow(byImport);
    expect((await verified(crl)).join()).toMatch(byVerify);
  });

  it("of a CA whose certificate does not allow cRLSign", async () => {
    const args = ["req", "-x509", "-key", "ca.key", "-subj", "/CN=No CRLs", "-days", "9"];
    const usage = ["-addext", "keyUsage=critical,keyCertSign"];
    mustRun("openssl", [...args, ...usage, "-out", "nocrl.pem"], pki.folder);
    const file = join(pki.folder, "nocrl.pem");
    const issuer = certificateOf(file);
    const crl = made({ issuer: readCertificate(issuer).subject });
    expect(() => read(crl, issuer)).toThrow(/keyUsage .* lacks cRLSign/);
    expect((await verified(crl, file)).join()).toMatch(/does not allow cRLSign/);
  });
});

describe("issuingDistributionPoint that is a name, not a URL", () => {
  const named = (text: string): Buffer => {
    const attribute = sequence(
      element(Tag.oid, Buffer.from("550403", "hex")),
      element(0x0c, Buffer.from(text)),
    );
    const name = element(contextTag(4), sequence(element(Tag.set, attribute)));
    return point(element(contextTag(0), element(contextTag(0), name)));
  };

  it("is another scope where it is another name", () => {
    const [one, other] = ["CRL1", "CRL2"].map(
      (name) => read(made({ extensions: [number(), named(name)] })).summary,
    );
    if (!one || !other) throw new Error("none");
    const { crlNumber, thisUpdate, nextUpdate } = one;
    const full = {
      ...{ crlNumber: String(crlNumber), thisUpdate, nextUpdate, scope: scopeText(one) },
      ...{ sha256: "", entries: 0 },
    };
    const held = { full: { ...full, crlNumber: "6" }, delta: null };
    const context = { held, url: undefined, now: thisUpdate + 60, use: "status" } as const;
    expect(foreignCRLFault(one, context)).toBe(undefined);
    expect(foreignCRLFault(other, context)).toMatch(/it covers something else/);
  });
});

describe("serial numbers", () => {
  it("below zero are other numbers than those with the same octets above it", async () => {
    const crl = made({ entries: [entry("ff", utcTime(-9)), entry("00ff", utcTime(-9))] });
    expect(serials(read(crl)).toSorted()).toEqual(["-1", "ff"]);
    expect(await verified(crl)).toEqual([]);
  });
});

describe("an indirect CRL", () => {
  const certificateIssuer = (): Buffer =>
    sequence(extension("2.5.29.29", sequence(element(contextTag(4), subject)), true));
  const indirect = (): Buffer =>
    made({
      entries: [entry("05", utcTime(-9)), entry("05", utcTime(-9), certificateIssuer())],
      extensions: [number(), point(element(0x84, TRUE))],
    });

  it("is told by its name wherever it comes, and its entries are mixed with nobody's", async () => {
    const file = join(pki.folder, "indirect.crl");
    writeFileSync(file, indirect());
    expect(await verified(indirect())).toEqual([]);
    const diff = await vouch(["crl", "diff", file, file], { json: true });
    expect([diff.code, diff.json.error.message]).toEqual([
      1,
      expect.stringMatching(/is an indirect CRL: its entries are of several CAs/),
    ]);
  });

  it("without the flag is none: what names another CA is critical, and wrong", async () => {
    const crl = made({ entries: [entry("05", utcTime(-9), certificateIssuer())] });
    expect((await verified(crl)).join()).toMatch(/certificateIssuer, critical/);
    expect(read(crl).summary.unknownCriticalExtensions).toEqual(["2.5.29.29"]);
  });
});
