import { fromBER, type Integer } from "asn1js";
import { BasicOCSPResponse, OCSPResponse } from "pkijs";
import { describe, expect, it } from "vitest";
import { proveAnswer } from "../../src/ocsp/proof.ts";
import type { CertRecord, PresignedHash } from "../../src/ocsp/record.ts";
import { CRLReason, REVOCATION_REASONS } from "../../src/x509/reason.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { type GoldenSigner, goldenSigner } from "./golden-signer.ts";
import {
  expectedOf,
  goodRecord,
  madeAnswer,
  type Planned,
  revokedRecord,
  serial,
} from "./made-answer.ts";
import { opensslReads } from "./openssl-reads.ts";

/* Answers of now, as relying parties' software reads them: OpenSSL's own client, and pkijs. */

const now = Math.floor(Date.now() / 1000);
const times = { thisUpdate: now - 300, producedAt: now, nextUpdate: now + 86_099 };
const expired = { notAfter: now - 86_400 };

const STATES: readonly [string, CertRecord][] = [
  ["good", goodRecord(times)],
  ["good, expired", goodRecord({ ...times, ...expired })],
  ["good, without a known end", goodRecord({ ...times, notAfter: undefined })],
  ["on hold", revokedRecord({ ...times, status: "hold", reason: 0 })],
  ["revoked, expired", revokedRecord({ ...times, ...expired })],
  ...REVOCATION_REASONS.map((reason): [string, CertRecord] => [
    `revoked, ${reason}`,
    revokedRecord({ ...times, reason: CRLReason[reason] }),
  ]),
];

const SIGNERS: readonly [string, GoldenSigner][] = [
  ["P-256, a delegate", goldenSigner({ kind: "ec", by: "delegate" })],
  ["P-256, the CA", goldenSigner({ kind: "ec", by: "direct", archive: 10 * 365 * 86_400 })],
  ["RSA-2048, a delegate", goldenSigner({ kind: "rsa", by: "delegate" })],
  ["RSA-2048, the CA", goldenSigner({ kind: "rsa", by: "direct" })],
];

const HASHES: readonly PresignedHash[] = ["sha1", "sha256"];

/** Of 1 to 21 octets, with and without the high bit. */
const SERIAL_NUMBERS = Array.from({ length: 20 }, (_, index) => [
  serial(`7b${"01".repeat(index)}`),
  serial(`fb${"10".repeat(index)}`),
]).flat();

describe.each(SIGNERS)("an answer by %s", (_, by) => {
  describe.each(HASHES)("for a CertID with %s", (hash) => {
    it.each(STATES)("%s", async (_, record) => {
      const serialNumber = serial("ff303ae4e90ac1ed");
      await expectAllAgree({ by, hash, serialNumber, record });
    });
  });
});

describe("serial numbers of 1 to 21 octets", () => {
  const [[, by]] = SIGNERS as [[string, GoldenSigner]];

  it("are all there", () => {
    expect(new Set(SERIAL_NUMBERS.map(({ length }) => length)).size).toBe(21);
  });

  it.each(SERIAL_NUMBERS.map((one) => [serialNumberText(one), one] as const))(
    "%s",
    async (_, serialNumber) => {
      await expectAllAgree({ by, hash: "sha1", serialNumber, record: goodRecord(times) });
    },
  );

  it("and openssl does not take the answer for another number", async () => {
    const asked = { by, hash: "sha1", record: goodRecord(times) } as const;
    const der = madeAnswer({ ...asked, serialNumber: serial("7b01") });
    const { says } = await opensslReads(der, { ...asked, serialNumber: serial("7b02") });
    expect(says).toBe("ERROR: No Status found.");
  });
});

async function expectAllAgree(planned: Planned): Promise<void> {
  const der = madeAnswer(planned);
  expect(proveAnswer(der, expectedOf(planned))).toBeUndefined();
  expectPkijsReads(der, planned);
  const { text, verified, says, timely } = await opensslReads(der, planned);
  expect({ verified, says, timely }).toEqual({
    verified: true,
    says: planned.record.status === "good" ? "good" : "revoked",
    timely: true,
  });
  expect(shown(text)).toEqual(told(planned));
}

/** The lines of `openssl ocsp -resp_text` that say something, by their names. */
function shown(text: string): Readonly<Record<string, string>> {
  const cutoff = /Archive Cutoff: *\n *(.*)/.exec(text)?.[1];
  const lines = [...text.matchAll(/^ *([A-Z][A-Za-z ]+): (\S.*?) *$/gm)];
  // Not every version has a name for every reason.
  const said = lines.map(([, name = "", value = ""]) => [
    name,
    name === "Revocation Reason" ? value.replace(/^.* /, "") : value,
  ]);
  return Object.fromEntries(cutoff === undefined ? said : [...said, ["Archive Cutoff", cutoff]]);
}

/** The same, as it must be. */
function told({ by, hash, serialNumber, record }: Planned): Readonly<Record<string, string>> {
  const { issuer, signer } = by;
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex").toUpperCase();
  const serialText = serialNumberText(serialNumber).toUpperCase();
  const cutoff =
    signer.archive === "forever" ? issuer.notBefore : record.producedAt - signer.archive;
  const isExpired = record.notAfter !== undefined && record.notAfter < record.producedAt;
  const reason = record.status === "hold" ? CRLReason.certificateHold : record.reason;
  return {
    "OCSP Response Status": "successful (0x0)",
    "Response Type": "Basic OCSP Response",
    Version: "1 (0x0)",
    "Responder Id": hex(signer.keyHash),
    "Produced At": dateText(record.producedAt),
    "Hash Algorithm": hash,
    "Issuer Name Hash": hex(issuer.nameHash[hash]),
    "Issuer Key Hash": hex(issuer.keyHash[hash]),
    "Serial Number": serialText.length % 2 === 0 ? serialText : `0${serialText}`,
    "Cert Status": record.status === "good" ? "good" : "revoked",
    ...(record.status !== "good" && { "Revocation Time": dateText(record.revocationDate) }),
    ...(reason !== 0 && { "Revocation Reason": `(0x${reason.toString(16)})` }),
    "This Update": dateText(record.thisUpdate),
    "Next Update": dateText(record.nextUpdate),
    ...(isExpired && { "Archive Cutoff": dateText(cutoff) }),
    "Signature Algorithm":
      signer.algorithm === "ecdsaP256" ? "ecdsa-with-SHA256" : "sha256WithRSAEncryption",
  };
}

function dateText(at: number): string {
  const [, day, month, year, time] = new Date(at * 1000).toUTCString().split(" ");
  return `${month} ${String(Number(day)).padStart(2)} ${time} ${year} GMT`;
}

interface Tagged {
  readonly idBlock: { readonly tagNumber: number };
  readonly valueBlock: {
    readonly value?: readonly { readonly valueBlock: { value?: Integer[] } }[];
  };
}

function expectPkijsReads(der: Uint8Array, { by, hash, serialNumber, record }: Planned): void {
  const response = new OCSPResponse({ schema: fromBER(der).result });
  const octets = response.responseBytes?.response.valueBlock.valueHexView ?? new Uint8Array();
  const basic = new BasicOCSPResponse({ schema: fromBER(octets).result });
  const { responses, producedAt } = basic.tbsResponseData;
  const [single, ...others] = responses;
  if (!single) throw new Error("pkijs finds no SingleResponse");
  expect(others).toEqual([]);
  expect(producedAt.getTime() / 1000).toBe(record.producedAt);
  expect(single.thisUpdate.getTime() / 1000).toBe(record.thisUpdate);
  expect((single.nextUpdate?.getTime() ?? 0) / 1000).toBe(record.nextUpdate);
  const view = (of: { valueBlock: { valueHexView: Uint8Array } }): string =>
    Buffer.from(of.valueBlock.valueHexView).toString("hex");
  const { certID } = single;
  const oids = { sha1: "1.3.14.3.2.26", sha256: "2.16.840.1.101.3.4.2.1" };
  expect(certID.hashAlgorithm.algorithmId).toBe(oids[hash]);
  expect(view(certID.issuerNameHash)).toBe(Buffer.from(by.issuer.nameHash[hash]).toString("hex"));
  expect(view(certID.issuerKeyHash)).toBe(Buffer.from(by.issuer.keyHash[hash]).toString("hex"));
  expect(view(certID.serialNumber)).toBe(Buffer.from(serialNumber).toString("hex"));
  const { idBlock, valueBlock } = single.certStatus as Tagged;
  expect(idBlock.tagNumber).toBe(record.status === "good" ? 0 : 1);
  const reason = valueBlock.value?.[1]?.valueBlock.value?.[0]?.valueBlock.valueDec ?? 0;
  expect(reason).toBe(record.status === "hold" ? CRLReason.certificateHold : record.reason);
  expect(basic.certs?.length ?? 0).toBe(by.signer.direct ? 0 : 1);
}
