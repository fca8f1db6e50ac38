import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assembleResponse, assembleTbs } from "../../src/ocsp/answer.ts";
import { type Expected, type Fault, proveAnswer } from "../../src/ocsp/proof.ts";
import { type CertRecord, decodeRecord, encodeRecordHead } from "../../src/ocsp/record.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import { signingKey, signOctets } from "../../src/signing/keys.ts";
import { secondLook } from "../../src/signing/second-look.ts";
import { parseSerialNumber, type SerialNumber } from "../../src/x509/serial-number.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { answerJob, goodHead, revokedHead } from "./answer-job.ts";

let pki: Pki;

beforeAll(() => {
  pki = makePki({ algorithm: "ec", leaves: 0 });
});

afterAll(() => pki.remove());

/** What an answer says instead of what it should. */
interface Wrong {
  readonly serial?: string;
  readonly hash?: "sha1" | "sha256";
  readonly record?: Partial<CertRecord>;
}

const SERIAL = "00ff303ae4e90ac1ed";

function serialNumber(hex: string): SerialNumber {
  return parseSerialNumber(hex) as SerialNumber;
}

/** An answer with a fault in it, signed as if nothing were the matter; and what it should have said. */
function answer(head: Buffer, wrong: Wrong): { der: Buffer; expected: Expected } {
  const job = answerJob(pki, []);
  const record = decodeRecord(head);
  const said = encodeRecordHead({ ...record, ...wrong.record });
  const template = answerTemplate(job.issuer, job.signer, wrong.hash ?? "sha256");
  const serial = serialNumber(wrong.serial ?? SERIAL);
  const signature = signOctets(signingKey(job), assembleTbs(template, serial, said));
  const { publicKey } = new X509Certificate(job.certificate);
  const { issuer, signer } = job;
  const serialNow = serialNumber(SERIAL);
  return {
    der: assembleResponse(template, serial, said, signature),
    expected: { issuer, signer, publicKey, hash: "sha256", serialNumber: serialNow, record },
  };
}

const { revocationDate, thisUpdate, nextUpdate } = decodeRecord(revokedHead(1));
const revoked = { status: "revoked", revocationDate } as const;

const faults: readonly (readonly [string, Buffer, Wrong, Fault])[] = [
  ["another serial number", goodHead(), { serial: "00ff303ae4e90ac1ee" }, "serialNumber"],
  [
    "a serial number without its sign octet",
    goodHead(),
    { serial: "7f303ae4e90ac1ed" },
    "serialNumber",
  ],
  ["another hash algorithm", goodHead(), { hash: "sha1" }, "hash"],
  ["revoked for good", goodHead(), { record: revoked }, "certStatus"],
  ["good for revoked", revokedHead(1), { record: { status: "good" } }, "certStatus"],
  [
    "another revocationTime",
    revokedHead(1),
    { record: { revocationDate: revocationDate - 1 } },
    "time",
  ],
  ["another reason", revokedHead(1), { record: { reason: 4 } }, "reason"],
  ["no reason", revokedHead(1), { record: { reason: 0 } }, "reason"],
  ["a reason where there is none", revokedHead(0), { record: { reason: 5 } }, "reason"],
  ["hold for revoked", revokedHead(1), { record: { status: "hold" } }, "reason"],
  ["another thisUpdate", goodHead(), { record: { thisUpdate: thisUpdate - 1 } }, "time"],
  ["a later nextUpdate", goodHead(), { record: { nextUpdate: nextUpdate + 1 } }, "time"],
];

describe("an answer that says", () => {
  it.each(faults)("%s: pkijs finds it, and so does our own proof", (_, head, wrong, fault) => {
    const { der, expected } = answer(head, wrong);
    expect(secondLook(der, expected)).toBe(fault);
    expect(proveAnswer(der, expected)).toBe(fault);
  });

  it("what it should: neither finds a fault", () => {
    for (const head of [goodHead(), revokedHead(0), revokedHead(1), revokedHead(10)]) {
      const { der, expected } = answer(head, {});
      expect([secondLook(der, expected), proveAnswer(der, expected)]).toEqual([
        undefined,
        undefined,
      ]);
    }
  });

  it("something that cannot be read is a fault of size", () => {
    const { der, expected } = answer(goodHead(), {});
    for (const octets of [
      der.subarray(0, 100),
      Buffer.from("3003020101", "hex"),
      Buffer.alloc(0),
    ]) {
      expect(secondLook(octets, expected)).toBe("size");
    }
  });
});
