import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerError } from "../../src/der/reader.ts";
import { readSingleAnswer, type SingleAnswer } from "../../src/ocsp/response.ts";
import { goldenSigner } from "./golden-signer.ts";
import * as made from "./hand-made-response.ts";

const FOLDER = fileURLToPath(new URL("../vectors/golden/", import.meta.url));
const read = (file: string): Buffer => readFileSync(`${FOLDER}${file}`);
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".der"));

/** Why each bad golden vector is not read. */
const BAD: Readonly<Record<string, string>> = {
  empty: "OCSPResponse at byte 0: ends too early",
  "trailing-data": "OCSPResponse at byte 213: trailing octets",
  truncated: "OCSPResponse at byte 0: longer than what contains it",
  "indefinite-length": "OCSPResponse at byte 0: indefinite length",
  "try-later": "OCSPResponse at byte 5: responseStatus is not successful",
  "try-later-with-an-answer": "OCSPResponse at byte 6: responseStatus is not successful",
  "successful-without-an-answer": "OCSPResponse at byte 5: ends too early",
  "another-response-type": "OCSPResponse at byte 23: not id-pkix-ocsp-basic",
  "version-1-explicit": "ResponseData at byte 3: tag 0xa0 where 0xa2 was expected",
  "by-name": "ResponseData at byte 3: tag 0xa1 where 0xa2 was expected",
  "key-hash-and-more": "ResponseData at byte 27: trailing octets",
  "no-answer": "ResponseData at byte 45: ends too early",
  "two-answers": "ResponseData at byte 163: trailing octets",
  "response-extension": "ResponseData at byte 161: trailing octets",
  "empty-response-extensions": "ResponseData at byte 161: trailing octets",
  "no-next-update": "ResponseData at byte 142: ends too early",
  "fraction-of-a-second": 'bad time "20261201000000.5Z"',
  "local-time": 'bad time "20261201000500"',
  "february-30": 'bad time "20270230000000Z"',
  "needless-serial-octet": "ResponseData at byte 105: INTEGER with needless leading octets",
  "empty-serial": "ResponseData at byte 105: empty INTEGER",
  "good-with-content": "ResponseData at byte 126: not NULL",
  "constructed-good": "ResponseData at byte 123: tag 0xa0 where 0x82 was expected",
  "fourth-cert-status": "ResponseData at byte 123: tag 0x83 where 0x82 was expected",
  "revoked-never": "ResponseData at byte 125: ends too early",
  "revoked-twice-reasoned": "ResponseData at byte 149: trailing octets",
  "reason-as-integer": "ResponseData at byte 146: tag 0x02 where 0x0a was expected",
  "another-single-extension": "ResponseData at byte 180: an extension other than archiveCutoff",
  "archive-cutoff-and-more": "ResponseData at byte 199: trailing octets",
  "critical-archive-cutoff": "ResponseData at byte 180: tag 0x01 where 0x04 was expected",
  "archive-cutoff-as-utc-time": "ResponseData at byte 182: tag 0x17 where 0x18 was expected",
  "signature-with-unused-bits": "BasicOCSPResponse at byte 176: BIT STRING with unused bits",
  "certs-empty-tag": "BasicOCSPResponse at byte 189: ends too early",
  "certs-and-more": "BasicOCSPResponse at byte 191: trailing octets",
  "certs-of-no-certificate": "BasicOCSPResponse at byte 191: tag 0x05 where 0x30 was expected",
};

describe("readSingleAnswer refuses", () => {
  it("all that golden vectors have of it", () => {
    const names = files.filter((file) => file.startsWith("bad.")).map((file) => file.slice(4, -4));
    expect(names.sort()).toEqual(Object.keys(BAD).sort());
  });

  it.each(Object.entries(BAD))("bad.%s.der: %s", (name, message) => {
    const attempt = (): SingleAnswer => readSingleAnswer(read(`bad.${name}.der`));
    expect(attempt).toThrow(DerError);
    expect(attempt).toThrow(message);
  });

  it("every truncation of an answer, and an octet after it", () => {
    const der = read("revoked.rsa.key-compromise.der");
    for (let length = 0; length < der.length; length++) {
      expect(() => readSingleAnswer(der.subarray(0, length))).toThrow(DerError);
    }
    expect(() => readSingleAnswer(Buffer.concat([der, Buffer.of(0)]))).toThrow(DerError);
  });

  it("any octets, and any change of an answer, with a DerError or not at all", () => {
    const whole = fc.constantFrom(...files.map(read));
    const change = fc.tuple(fc.nat(2000), fc.nat(255), fc.nat(3));
    const mutated = fc.tuple(whole, fc.array(change, { minLength: 1, maxLength: 3 }));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
      mutated.map(([der, changes]) =>
        changes.reduce((octets, [at, value, removed]) => {
          const cut = at % (octets.length + 1);
          const rest = octets.subarray(cut + removed);
          return Buffer.concat([octets.subarray(0, cut), Buffer.of(value), rest]);
        }, der),
      ),
    );
    fc.assert(fc.property(any, expectAnswerOrDerError), { numRuns: 3000 });
  });
});

function expectAnswerOrDerError(der: Uint8Array): void {
  try {
    expect(readSingleAnswer(der).certStatus).toMatch(/^(good|revoked|unknown)$/);
  } catch (error) {
    expect(error).toBeInstanceOf(DerError);
  }
}

describe("readSingleAnswer reads", () => {
  it("a golden answer, every field of it", () => {
    const by = goldenSigner({ kind: "rsa", by: "delegate" });
    const answer = readSingleAnswer(read("revoked.rsa.key-compromise.der"));
    const { tbsResponseData, signature, ...rest } = answer;
    expect(hexed(rest)).toEqual(
      hexed({
        responderKeyHash: by.signer.keyHash,
        producedAt: Date.UTC(2026, 11, 1, 0, 5) / 1000,
        hashAlgorithm: made.SHA256,
        issuerNameHash: by.issuer.nameHash.sha256,
        issuerKeyHash: by.issuer.keyHash.sha256,
        serialNumber: Buffer.from("4fff982709f9c2593c10e906bd482b01", "hex"),
        certStatus: "revoked",
        revocationDate: Date.UTC(2026, 10, 1, 2, 3, 4) / 1000,
        reason: 1,
        thisUpdate: Date.UTC(2026, 11, 1) / 1000,
        nextUpdate: Date.UTC(2026, 11, 1, 23, 59, 59) / 1000,
        archiveCutoff: undefined,
        signatureAlgorithm: made.RSA,
        certs: [by.signer.certificate],
      }),
    );
    expect(signature.length).toBe(256);
    expect(Buffer.from(tbsResponseData.subarray(0, 2)).toString("hex")).toBe("3081");
  });

  it("unknown, unspecified written out and any other reason, which are for the proof to refuse", () => {
    const say = (certStatus: Uint8Array): SingleAnswer => readSingleAnswer(saying(certStatus));
    expect(say(made.UNKNOWN)).toMatchObject({ certStatus: "unknown", reason: undefined });
    expect(say(made.revoked("20260101000000Z", 0))).toMatchObject({ reason: 0 });
    expect(say(made.revoked("20260101000000Z", 127))).toMatchObject({ reason: 127 });
  });
});

function saying(certStatus: Uint8Array): Buffer {
  const single = made.singleResponse({
    hashAlgorithm: made.SHA1,
    issuerNameHash: Buffer.alloc(20),
    issuerKeyHash: Buffer.alloc(20),
    serialNumber: Buffer.of(1),
    certStatus,
    thisUpdate: "20261201000000Z",
    nextUpdate: "20261201235959Z",
  });
  return made.ocspResponse({
    responderID: made.explicit(2, made.octetString(Buffer.alloc(20))),
    producedAt: "20261201000500Z",
    responses: [single],
    signatureAlgorithm: made.ECDSA,
    signature: Buffer.alloc(8),
  });
}

/** The same with octets in hexadecimal. */
function hexed(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part) =>
      part instanceof Uint8Array || part?.type === "Buffer"
        ? Buffer.from(part instanceof Uint8Array ? part : part.data).toString("hex")
        : part,
    ),
  );
}
