import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sequence } from "../../src/der/writer.ts";
import { assembleResponse, assembleTbs } from "../../src/ocsp/answer.ts";
import { type CertRecord, encodeRecordHead, type PresignedHash } from "../../src/ocsp/record.ts";
import { readSingleAnswer } from "../../src/ocsp/response.ts";
import { type AnswerTemplate, answerTemplate, archiveCutoff } from "../../src/ocsp/template.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import type { SerialNumber } from "../../src/x509/serial-number.ts";
import { type GoldenSigner, goldenSigner } from "./golden-signer.ts";
import * as made from "./hand-made-response.ts";
import { goodRecord } from "./made-answer.ts";
import { records, serialNumbers } from "./plans.ts";

const HASHES: Readonly<Record<PresignedHash, Uint8Array>> = {
  sha1: made.SHA1,
  sha256: made.SHA256,
};
/** RFC 6960 appendix B.1: id-pkix-ocsp-archive-cutoff. */
const ARCHIVE_CUTOFF = Buffer.from("06092b0601050507300106", "hex");

const text = (at: number): string => new Date(at * 1000).toISOString().replace(/[-T:]|\.\d+/g, "");

interface Told {
  readonly by: GoldenSigner;
  readonly hash: PresignedHash;
  readonly serialNumber: SerialNumber;
  readonly record: CertRecord;
}

/** What the answer must be, put together from the ASN.1; the signature is as it goes into the answer. */
function byHand({ by, hash, serialNumber, record }: Told, signature: Uint8Array) {
  const { issuer, signer } = by;
  const reason = record.status === "hold" ? CRLReason.certificateHold : record.reason;
  const expired = record.notAfter !== undefined && record.notAfter < record.producedAt;
  const cutoff =
    signer.archive === "forever" ? issuer.notBefore : record.producedAt - signer.archive;
  const single = made.singleResponse({
    hashAlgorithm: HASHES[hash],
    issuerNameHash: issuer.nameHash[hash],
    issuerKeyHash: issuer.keyHash[hash],
    serialNumber,
    certStatus:
      record.status === "good"
        ? made.GOOD
        : made.revoked(text(record.revocationDate), reason || undefined),
    thisUpdate: text(record.thisUpdate),
    nextUpdate: text(record.nextUpdate),
    ...(expired && { extensions: made.extensions(1, [ARCHIVE_CUTOFF, made.time(text(cutoff))]) }),
  });
  return {
    responderID: made.explicit(2, made.octetString(signer.keyHash)),
    producedAt: text(record.producedAt),
    responses: [single],
    signatureAlgorithm: signer.algorithm === "ecdsaP256" ? made.ECDSA : made.RSA,
    signature,
    ...(!signer.direct && { certs: made.explicit(0, sequence(signer.certificate)) }),
  };
}

const TEN_YEARS = 10 * 365 * 86_400;
const signers = [
  goldenSigner({ kind: "ec", by: "delegate" }),
  goldenSigner({ kind: "ec", by: "direct", archive: TEN_YEARS }),
  goldenSigner({ kind: "rsa", by: "delegate", archive: 0 }),
  goldenSigner({ kind: "rsa", by: "direct" }),
];

const told: fc.Arbitrary<Told> = fc.record({
  by: fc.constantFrom(...signers),
  hash: fc.constantFrom<PresignedHash>("sha1", "sha256"),
  serialNumber: serialNumbers,
  record: records,
});

/** Kept from one answer to the next, as responders do: what answers have in common is made once. */
const keptTemplates = new Map<string, AnswerTemplate>();

function keptTemplate(by: GoldenSigner, hash: PresignedHash): AnswerTemplate {
  const name = `${signers.indexOf(by)} ${hash}`;
  const template = keptTemplates.get(name) ?? answerTemplate(by.issuer, by.signer, hash);
  keptTemplates.set(name, template);
  return template;
}

describe("assembleResponse", () => {
  it("is, to the octet, what the ASN.1 of RFC 6960 4.2.1 says, and is read back", () => {
    fc.assert(
      fc.property(told, (one) => {
        const { by, hash, serialNumber, record } = one;
        // r = 1 and s = 128: 02 01 01, 02 02 00 80 (RFC 3279 2.2.3).
        const fixed = Buffer.alloc(by.signer.signatureSize);
        const ecdsa = by.signer.algorithm === "ecdsaP256";
        if (ecdsa) fixed.set([1], 31);
        fixed.set([0x80], fixed.length - 1);
        const inAnswer = ecdsa ? Buffer.from("300702010102020080", "hex") : fixed;
        const meant = byHand(one, inAnswer);
        const template = keptTemplate(by, hash);
        const octets = encodeRecordHead(record);
        const tbs = assembleTbs(template, serialNumber, octets);
        expect(tbs.toString("hex")).toBe(made.responseData(meant).toString("hex"));
        const der = assembleResponse(template, serialNumber, octets, fixed);
        expect(der.toString("hex")).toBe(made.ocspResponse(meant).toString("hex"));
        expectReadBack(readSingleAnswer(der), one);
      }),
      { numRuns: 500 },
    );
  });

  it("does not look at the signatures that follow in the record", () => {
    const [by] = signers as [GoldenSigner];
    const template = answerTemplate(by.issuer, by.signer, "sha1");
    const head = encodeRecordHead(goodRecord());
    const whole = Buffer.concat([head, Buffer.alloc(128, 0xee)]);
    const serialNumber = Buffer.of(5) as Uint8Array as SerialNumber;
    const tbs = assembleTbs(template, serialNumber, whole);
    expect(tbs.equals(assembleTbs(template, serialNumber, head))).toBe(true);
  });

  it("direct, with P-256 and SHA-1, takes about 310 octets, for thin links", () => {
    const by = goldenSigner({ kind: "ec", by: "direct" });
    const template = answerTemplate(by.issuer, by.signer, "sha1");
    const head = encodeRecordHead(goodRecord());
    const serialNumber = Buffer.alloc(16, 1) as Uint8Array as SerialNumber;
    const signature = Buffer.alloc(64, 0xff);
    expect(assembleResponse(template, serialNumber, head, signature).length).toBeLessThan(312);
  });
});

function expectReadBack(answer: ReturnType<typeof readSingleAnswer>, one: Told): void {
  const { by, hash, serialNumber, record } = one;
  const good = record.status === "good";
  const hold = record.status === "hold";
  const reason = hold ? CRLReason.certificateHold : record.reason;
  expect(answer).toMatchObject({
    certStatus: good ? "good" : "revoked",
    revocationDate: good ? undefined : record.revocationDate,
    reason: good || reason === 0 ? undefined : reason,
    thisUpdate: record.thisUpdate,
    producedAt: record.producedAt,
    nextUpdate: record.nextUpdate,
    archiveCutoff: archiveCutoff(
      by.signer.archive,
      by.issuer.notBefore,
      record.notAfter,
      record.producedAt,
    ),
  });
  const octets = (of: Uint8Array): string => Buffer.from(of).toString("hex");
  expect(octets(answer.serialNumber)).toBe(octets(serialNumber));
  expect(octets(answer.hashAlgorithm)).toBe(octets(HASHES[hash]));
  expect(octets(answer.issuerNameHash)).toBe(octets(by.issuer.nameHash[hash]));
  expect(octets(answer.issuerKeyHash)).toBe(octets(by.issuer.keyHash[hash]));
  expect(octets(answer.responderKeyHash)).toBe(octets(by.signer.keyHash));
  expect(answer.certs.map(octets)).toEqual(by.signer.direct ? [] : [octets(by.signer.certificate)]);
}
