import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foreignCRLFault, scopeText } from "../../src/crl/foreign-crl.ts";
import type { ReadForeignCRL } from "../../src/crl/foreign-crl-reader.ts";
import { unpackEntries } from "../../src/crl/packed-entries.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { element, sequence } from "../../src/der/writer.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { vouch } from "../support/vouch-cli.ts";
import {
  type CRLParts,
  crlNumber,
  entry,
  extension,
  type HandMaker,
  openHandMaker,
  utcTime,
} from "./hand-made-crl.ts";

/* Which certificates the CRLs of others are about. */

const TRUE = Buffer.of(0xff);
const point = (...fields: Uint8Array[]): Buffer =>
  extension("2.5.29.28", sequence(...fields), true);

let maker: HandMaker;
const made = (parts: Partial<CRLParts> = {}): Buffer => maker.made(parts);

beforeAll(() => {
  maker = openHandMaker("CA");
});

afterAll(() => maker?.pki.remove());

const serials = ({ packed }: ReadForeignCRL): string[] =>
  [...unpackEntries(packed)].map(({ serialNumber }) => serialNumberText(serialNumber));

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
      (name) => maker.read(made({ extensions: [crlNumber(), named(name)] })).summary,
    );
    if (!one || !other) throw new Error("none");
    const { thisUpdate, nextUpdate } = one;
    const full = {
      ...{ crlNumber: "6", thisUpdate, nextUpdate, scope: scopeText(one) },
      ...{ sha256: "", entries: 0 },
    };
    const held = { full, delta: null };
    const context = { held, url: undefined, now: thisUpdate + 60, use: "status" } as const;
    expect(foreignCRLFault(one, context)).toBe(undefined);
    expect(foreignCRLFault(other, context)).toMatch(/may cover something else; if it covers all/);
  });
});

describe("serial numbers", () => {
  it("below zero are other numbers than those with the same octets above it", async () => {
    const crl = made({ entries: [entry("ff", utcTime(-9)), entry("00ff", utcTime(-9))] });
    expect(serials(maker.read(crl)).toSorted()).toEqual(["-1", "ff"]);
    expect(await maker.verified(crl)).toEqual([]);
  });
});

describe("an indirect CRL", () => {
  const certificateIssuer = (): Buffer =>
    sequence(extension("2.5.29.29", sequence(element(contextTag(4), maker.subject)), true));
  const indirect = (): Buffer =>
    made({
      entries: [entry("05", utcTime(-9)), entry("05", utcTime(-9), certificateIssuer())],
      extensions: [crlNumber(), point(element(0x84, TRUE))],
    });

  it("is told by its name wherever it comes, and its entries are mixed with nobody's", async () => {
    const file = join(maker.pki.folder, "indirect.crl");
    writeFileSync(file, indirect());
    expect(await maker.verified(indirect())).toEqual([]);
    const diff = await vouch(["crl", "diff", file, file], { json: true });
    expect([diff.code, diff.json.error.message]).toEqual([
      1,
      expect.stringMatching(/is an indirect CRL: its entries are of several CAs/),
    ]);
  });

  it("without the flag is none: what names another CA is critical, and wrong", async () => {
    const crl = made({ entries: [entry("05", utcTime(-9), certificateIssuer())] });
    expect((await maker.verified(crl)).join()).toMatch(/certificateIssuer, critical/);
    expect(maker.read(crl).summary.unknownCriticalExtensions).toEqual(["2.5.29.29"]);
  });
});
