import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { assembleResponse } from "../../src/ocsp/answer.ts";
import { PRESIGNED_HASHES, signatureRange } from "../../src/ocsp/record.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import type { AnswerJob } from "../../src/signing/jobs.ts";
import { packPairs, unpackPairs } from "../../src/signing/packing.ts";
import { startSigningPool } from "../../src/signing/pool.ts";
import { signAnswers } from "../../src/signing/sign-answers.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { answerJob, goodHead, now, revokedHead } from "./answer-job.ts";

const pkis: Pki[] = [];

beforeAll(() => {
  pkis.push(
    makePki({ algorithm: "ec", leaves: 0 }),
    makePki({ algorithm: "rsa", leaves: 0 }),
    makePki({ algorithm: "ec", leaves: 0, direct: true }),
  );
});

afterAll(() => {
  for (const pki of pkis) pki.remove();
});

const kinds = [
  ["ECDSA", 0, 64],
  ["RSA", 1, 256],
  ["the CA's own key", 2, 64],
] as const;

function pkiOf(index: number): Pki {
  const pki = pkis[index];
  if (!pki) throw new Error(`no PKI ${index}`);
  return pki;
}

/** What the real `openssl ocsp` reads in an answer, verified against the CA. */
function opensslReads(pki: Pki, answer: Uint8Array, serialNumber: string, hash: string): string {
  writeFileSync(join(pki.folder, "answer.der"), answer);
  const asked = ["-issuer", "ca.pem", `-${hash}`, "-serial", `0x${serialNumber}`, "-no_nonce"];
  const trust = ["-CAfile", "ca.pem", "-respin", "answer.der"];
  return mustRun("openssl", ["ocsp", ...asked, ...trust], pki.folder);
}

describe("signAnswers", () => {
  it.each(kinds)("with %s: openssl verifies every answer of every record", (_, index, size) => {
    const pki = pkiOf(index);
    const rows = [
      { key: Buffer.from("1ab23f", "hex"), value: goodHead() },
      { key: Buffer.from("00ff303ae4e90ac1ed", "hex"), value: revokedHead(1) },
      { key: Buffer.from("02", "hex"), value: revokedHead(0) },
    ];
    const job = answerJob(pki, rows);
    const { records, faults } = signAnswers(job);
    expect(faults).toEqual([]);
    const signed = [...unpackPairs(records)];
    expect(signed.map(({ key }) => key.toString("hex"))).toEqual(
      rows.map(({ key }) => key.toString("hex")),
    );
    const said = signed.map(({ key, value }) =>
      PRESIGNED_HASHES.map((hash) => {
        const range = signatureRange(value, value.length, hash);
        expect(range && range.end - range.start).toBe(size);
        const serial = serialNumberFromDer(key);
        const template = answerTemplate(job.issuer, job.signer, hash);
        const signature = value.subarray(range?.start, range?.end);
        const answer = assembleResponse(template, serial, value, signature);
        return opensslReads(pki, answer, key.toString("hex"), hash).split("\n")[0];
      }),
    );
    expect(said).toEqual([
      ["0x1ab23f: good", "0x1ab23f: good"],
      ["0x00ff303ae4e90ac1ed: revoked", "0x00ff303ae4e90ac1ed: revoked"],
      ["0x02: revoked", "0x02: revoked"],
    ]);
  });

  it("leaves a row's head as it came, and puts the signatures behind it", () => {
    const head = revokedHead(4);
    const job = answerJob(pkiOf(0), [{ key: Buffer.of(5), value: head }]);
    const [record] = [...unpackPairs(signAnswers(job).records)];
    expect(record?.value.subarray(0, head.length)).toEqual(head);
    expect(record?.value).toHaveLength(head.length + 2 * 64);
  });

  it("gives back a row that fails its proof without signatures, and the others whole", () => {
    const beyond = readCertificateFile(pkiOf(0).signer.certificate).notAfter + 10 - now();
    const rows = [
      { key: Buffer.of(5), value: goodHead() },
      { key: Buffer.of(6), value: goodHead(beyond) },
      { key: Buffer.of(7), value: goodHead() },
    ];
    const { records, faults } = signAnswers(answerJob(pkiOf(0), rows));
    expect(faults).toEqual([{ row: 1, fault: "time" }]);
    const lengths = [...unpackPairs(records)].map(({ value }) => value.length);
    expect(lengths).toEqual([goodHead().length + 128, 0, goodHead().length + 128]);
  });

  it("finds another certificate's key before anything is signed", () => {
    const job = answerJob(pkiOf(0), [{ key: Buffer.of(5), value: goodHead() }]);
    expect(() => signAnswers({ ...job, keyFile: pkiOf(0).caKey })).toThrow(/is not the key of/);
  });

  it("finds that the signer's parts are of another certificate than the one that signs", () => {
    const job = answerJob(pkiOf(0), [{ key: Buffer.of(5), value: goodHead() }]);
    const other = answerJob(pkiOf(2), []);
    const mixed: AnswerJob = { ...job, keyFile: other.keyFile, certificate: other.certificate };
    expect(signAnswers(mixed).faults).toEqual([{ row: 0, fault: "signature" }]);
  });
});

describe("the pool", () => {
  it("signs what is handed to it, and its jobs and results hold no key", async () => {
    const pki = pkiOf(0);
    const pool = startSigningPool(1);
    const job = answerJob(pki, [{ key: Buffer.of(5), value: goodHead() }]);
    const result = await pool.answers(job, "urgent");
    await pool.close();
    expect(result.faults).toEqual([]);
    const scalar = createPrivateKey(readFileSync(pki.signer.key)).export({ format: "jwk" }).d ?? "";
    const secret = Buffer.from(scalar, "base64url");
    expect(secret).toHaveLength(32);
    for (const octets of [job.certificate, job.rows, result.records]) {
      expect(Buffer.from(octets).includes(secret)).toBe(false);
    }
  });

  it("rejects when the key is away, and nothing else is the matter with it", async () => {
    const pool = startSigningPool(1);
    const job = answerJob(pkiOf(0), [{ key: Buffer.of(5), value: goodHead() }]);
    const away = pool.answers({ ...job, keyFile: join(pkiOf(0).folder, "away.key") }, "bulk");
    await expect(away).rejects.toThrow(/away\.key cannot be read \(ENOENT\)/);
    expect((await pool.answers(job, "bulk")).faults).toEqual([]);
    await pool.close();
  });

  it("packs and unpacks pairs of any length", () => {
    const pairs = [0, 1, 32, 300, 65_535].map((length) => ({
      key: Buffer.alloc(Math.min(length, 32), 1),
      value: Buffer.alloc(length, 2),
    }));
    expect([...unpackPairs(packPairs(pairs))]).toEqual(pairs);
    expect([...unpackPairs(packPairs([]))]).toEqual([]);
  });
});
