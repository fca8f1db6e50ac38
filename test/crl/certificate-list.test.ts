import { describe, expect, it } from "vitest";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { DerError, Tag } from "../../src/der/reader.ts";
import { generalizedTime, x509Time } from "../../src/der/time.ts";
import { bitString, element, integer, oid, sequence } from "../../src/der/writer.ts";

const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
const name = sequence(element(Tag.set, sequence(oid("2.5.4.3"), element(0x0c, Buffer.of(0x56)))));
const time = x509Time(1_790_000_000);
const reasonCode = "2.5.29.21";

function extension(identifier: string, value: Uint8Array, ...critical: Uint8Array[]): Buffer {
  return sequence(oid(identifier), ...critical, element(Tag.octetString, value));
}

function entry(...extensions: Uint8Array[]): Buffer {
  const list = extensions.length > 0 ? [sequence(...extensions)] : [];
  return sequence(integer(5), time, ...list);
}

function crlExtensions(...extensions: Uint8Array[]): Buffer {
  return element(0xa0, sequence(...extensions));
}

interface Parts {
  readonly version?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly times?: Uint8Array[];
  readonly entries?: Uint8Array[];
  readonly rest?: Uint8Array[];
  readonly outer?: Uint8Array;
  readonly signature?: Uint8Array;
}

/** A CRL of these parts, whatever they are. */
function crlOf(parts: Parts): Buffer {
  const { version = integer(1), issuer = name, times = [time, time], rest = [] } = parts;
  const entries = parts.entries ?? [sequence(entry())];
  const tbs = sequence(version, algorithm, issuer, ...times, ...entries, ...rest);
  return sequence(tbs, parts.outer ?? algorithm, parts.signature ?? bitString(Buffer.of(1)));
}

const TRUE = Uint8Array.of(1, 1, 0xff);
const FALSE = Uint8Array.of(1, 1, 0);
const text = (tag: number, value: string): Buffer => element(tag, Buffer.from(value, "latin1"));
const reason = (code: number): Buffer => element(Tag.enumerated, Buffer.of(code));
const dated = (date: Uint8Array): Parts => ({ entries: [sequence(sequence(integer(5), date))] });
const withEntry = (...extensions: Uint8Array[]): Parts => ({
  entries: [sequence(entry(...extensions))],
});
const ofYear2030 = generalizedTime(Date.UTC(2030, 0, 1) / 1000);
const invalidOn = (date: Uint8Array): Parts => withEntry(extension("2.5.29.24", date));

const bad: readonly [string, Uint8Array, RegExp][] = [
  ["nothing", Buffer.of(), /at byte 0: ends too early/],
  ["PEM", Buffer.from("-----BEGIN X509 CRL-----"), /at byte 0: tag 0x2d/],
  ["a CRL cut off", crlOf({}).subarray(0, -1), /at byte 0: longer than what contains it/],
  ["trailing octets", Buffer.concat([crlOf({}), Buffer.of(0)]), /trailing octets/],
  ["version v3", crlOf({ version: integer(2) }), /at byte 4: version is not v2/],
  ["an empty issuer", crlOf({ issuer: sequence() }), /at byte 19: empty issuer/],
  ["no nextUpdate", crlOf({ times: [time] }), /at byte 48: no nextUpdate/],
  ["another outer algorithm", crlOf({ outer: sequence() }), /signatureAlgorithm differs/],
  ["unused bits", crlOf({ signature: element(3, Buffer.of(1, 2)) }), /unused bits/],
  ["empty revokedCertificates", crlOf({ entries: [sequence()] }), /without entries/],
  ["empty entry", crlOf({ entries: [sequence(sequence())] }), /ends too early/],
  ["empty extensions", crlOf({ rest: [crlExtensions()] }), /empty Extensions/],
  [
    "empty entry extensions",
    crlOf({ entries: [sequence(sequence(integer(5), time, sequence()))] }),
    /empty Extensions/,
  ],
  [
    "v1 with extensions",
    crlOf({ version: Buffer.of(), ...withEntry(extension(reasonCode, reason(1))) }),
    /v1 with extensions/,
  ],
  [
    "v1 with a CRLNumber",
    crlOf({ version: Buffer.of(), rest: [crlExtensions(extension("2.5.29.20", integer(1)))] }),
    /v1 with extensions/,
  ],
  ["GeneralizedTime before 2050", crlOf(dated(ofYear2030)), /GeneralizedTime where UTCTime is due/],
  ["February 30", crlOf(dated(text(Tag.utcTime, "260230000000Z"))), /not YYMMDDHHMMSSZ/],
  [
    "February 29 of 2100",
    crlOf(dated(text(Tag.generalizedTime, "21000229000000Z"))),
    /not YYYYMMDDHHMMSSZ/,
  ],
  ["month 13", crlOf(dated(text(Tag.utcTime, "261301000000Z"))), /not YYMMDDHHMMSSZ/],
  ["24 o'clock", crlOf(dated(text(Tag.utcTime, "260101240000Z"))), /not YYMMDDHHMMSSZ/],
  ["a leap second", crlOf(dated(text(Tag.utcTime, "261231235960Z"))), /not YYMMDDHHMMSSZ/],
  ["a time without seconds", crlOf(dated(text(Tag.utcTime, "2601010000Z"))), /not YYMMDDHHMMSSZ/],
  ["a time with a zone", crlOf(dated(text(Tag.utcTime, "260101000000+0700"))), /not YYMMDDHHMMSSZ/],
  [
    "a time with more after it",
    crlOf(dated(text(Tag.utcTime, "260101000000Z1"))),
    /not YYMMDDHHMMSSZ/,
  ],
  ["an empty time", crlOf(dated(text(Tag.utcTime, ""))), /not YYMMDDHHMMSSZ/],
  ["letters for digits", crlOf(dated(text(Tag.utcTime, "26010100000oZ"))), /not YYMMDDHHMMSSZ/],
  [
    "a fraction",
    crlOf(invalidOn(text(Tag.generalizedTime, "20260101000000.5Z"))),
    /not YYYYMMDDHHMMSSZ/,
  ],
  ["invalidityDate as UTCTime", crlOf(invalidOn(time)), /tag 0x17 where 0x18/],
  ["reason 7", crlOf(withEntry(extension(reasonCode, reason(7)))), /CRLReason 7/],
  ["reason 11", crlOf(withEntry(extension(reasonCode, reason(11)))), /CRLReason 11/],
  [
    "a reason twice",
    crlOf(withEntry(extension(reasonCode, reason(1)), extension(reasonCode, reason(4)))),
    /extension given twice/,
  ],
  [
    "more after a reason",
    crlOf(withEntry(extension(reasonCode, Buffer.concat([reason(1), reason(1)])))),
    /trailing octets/,
  ],
  [
    "critical FALSE",
    crlOf(withEntry(extension(reasonCode, reason(1), FALSE))),
    /critical FALSE written out/,
  ],
  [
    "too many extensions",
    crlOf(withEntry(...Array.from({ length: 33 }, (_, n) => extension(`1.2.${n}`, time)))),
    /too many extensions/,
  ],
  [
    "an endless identifier",
    crlOf(withEntry(sequence(element(6, Buffer.of(0x81)), element(4)))),
    /without end/,
  ],
  [
    "a padded identifier",
    crlOf(withEntry(sequence(element(6, Buffer.of(0x55, 0x80, 1)), element(4)))),
    /not minimal/,
  ],
  [
    "a long identifier",
    crlOf(withEntry(sequence(element(6, Buffer.alloc(65)), element(4)))),
    /too long/,
  ],
  [
    "a negative CRLNumber",
    crlOf({ rest: [crlExtensions(extension("2.5.29.20", element(2, Buffer.of(0xfe))))] }),
    /negative CRLNumber/,
  ],
  [
    "a CRLNumber of 21 octets",
    crlOf({ rest: [crlExtensions(extension("2.5.29.20", integer(2n ** 160n)))] }),
    /CRLNumber over 20 octets/,
  ],
  [
    "a serial number that is not minimal",
    crlOf({ entries: [sequence(sequence(element(2, Buffer.of(0, 5)), time))] }),
    /needless leading/,
  ],
];

describe("readCertificateList", () => {
  it("reads the CRL that the bad ones are made from", () => {
    expect(readCertificateList(crlOf({}))).toMatchObject({ version: 2, entryCount: 1 });
    expect(readCertificateList(crlOf({ entries: [] }))).toMatchObject({ entryCount: 0 });
  });

  it.each(bad)("refuses %s", (_, der, message) => {
    expect(() => readCertificateList(der)).toThrow(DerError);
    expect(() => readCertificateList(der)).toThrow(/^bad DER in CertificateList at byte \d+: /);
    expect(() => readCertificateList(der)).toThrow(message);
  });

  it("reads February 29 where there is one", () => {
    const dates = ["20960229000000Z", "24000229000000Z"].map((date) => {
      let read = 0;
      readCertificateList(crlOf(dated(text(Tag.generalizedTime, date))), ({ revocationDate }) => {
        read = revocationDate;
      });
      return read * 1000;
    });
    expect(dates).toEqual([Date.UTC(2096, 1, 29), Date.UTC(2400, 1, 29)]);
  });

  it("names unknown critical extensions of entries, each once", () => {
    const ofUUID = Buffer.of(0x69, 0x83, ...Array(17).fill(0xff), 0x7f);
    const unknown = sequence(element(Tag.oid, ofUUID), TRUE, element(Tag.octetString));
    const entries = [sequence(entry(unknown), entry(unknown), entry(extension("2.5.29.99", time)))];
    const list = readCertificateList(crlOf({ entries }));
    expect(list.unknownCriticalExtensions).toEqual([
      "2.25.340282366920938463463374607431768211455",
    ]);
    expect(list.remarkableEntryExtensions.map(({ isCritical }) => isCritical)).toEqual([
      true,
      false,
    ]);
  });

  it("notes a known extension that is critical", () => {
    const list = readCertificateList(crlOf(withEntry(extension(reasonCode, reason(1), TRUE))));
    expect(list.unknownCriticalExtensions).toEqual([]);
    expect(list.remarkableEntryExtensions).toEqual([
      { oid: reasonCode, isCritical: true, isKnown: true },
    ]);
  });

  it("takes a view into a larger buffer for what it is", () => {
    const der = crlOf({});
    const inside = Buffer.concat([Buffer.alloc(7), der, Buffer.alloc(7)]).subarray(7, -7);
    expect(readCertificateList(inside).entryCount).toBe(1);
  });

  it("never fails but with a DerError, whatever octet is changed", () => {
    const good = crlOf(
      withEntry(extension(reasonCode, reason(1)), extension("2.5.29.24", ofYear2030)),
    );
    for (let at = 0; at < good.length; at++) {
      for (const octet of [0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
        const changed = Buffer.from(good);
        changed[at] = octet;
        try {
          readCertificateList(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }
    }
  });
});
