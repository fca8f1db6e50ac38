import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import { assembleResponse } from "../../src/ocsp/answer.ts";
import {
  LONGEST_RECORD,
  PRESIGNED_HASHES,
  type PresignedHash,
  recordStatus,
  signatureRange,
} from "../../src/ocsp/record.ts";
import { answerTemplate } from "../../src/ocsp/template.ts";
import type { AnswerJob, CRLJob } from "../../src/signing/jobs.ts";
import { signingKey, signOctets } from "../../src/signing/keys.ts";
import { packPairs, unpackPairs } from "../../src/signing/packing.ts";
import { signAnswers } from "../../src/signing/sign-answers.ts";
import { signCRL } from "../../src/signing/sign-crl.ts";
import { algorithmOf, signerProblems } from "../../src/signing/signer-check.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import { KEY_KINDS, type KeyKind, makeKindPki } from "../support/key-kinds.ts";
import { basicResponse, mlDsaVerifies } from "../support/ml-dsa-verify.ts";
import type { Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { answerJob, goodHead, now, revokedHead } from "./answer-job.ts";

/** What each kind signs with, and how many octets a record keeps of it. */
const EXPECTED: Readonly<Record<KeyKind, readonly [string, number]>> = {
  "RSA-2048": ["rsaPkcs1", 256],
  "RSA-3072": ["rsaPkcs1", 384],
  "RSA-4096": ["rsaPkcs1", 512],
  "RSA-PSS": ["rsaPss256", 256],
  "RSA-PSS for SHA-256": ["rsaPss256", 256],
  "RSA-PSS for SHA-384": ["rsaPss384", 256],
  "RSA-PSS for SHA-512": ["rsaPss512", 256],
  "P-256": ["ecdsaP256", 64],
  "P-384": ["ecdsaP384", 96],
  "P-521": ["ecdsaP521", 132],
  Ed25519: ["ed25519", 64],
  "ML-DSA-44": ["mlDsa44", 2420],
  "ML-DSA-65": ["mlDsa65", 3309],
  "ML-DSA-87": ["mlDsa87", 4627],
};

const KINDS = Object.keys(KEY_KINDS) as KeyKind[];
const isMlDsa = (kind: KeyKind): boolean => kind.startsWith("ML-DSA");
const pkis = new Map<KeyKind, Pki>();

function pkiOf(kind: KeyKind): Pki {
  const pki = pkis.get(kind) ?? makeKindPki(kind);
  pkis.set(kind, pki);
  return pki;
}

afterAll(() => {
  for (const pki of pkis.values()) pki.remove();
});

describe.each(KINDS)("%s", (kind) => {
  const [algorithm, size] = EXPECTED[kind];

  it("is a sound signer, whose certificate others verify, too", () => {
    const pki = pkiOf(kind);
    const signer = readCertificateFile(pki.signer.certificate);
    expect(signerProblems(signer, readCertificateFile(pki.caCertificate))).toEqual([]);
    expect(algorithmOf(signer)).toBe(algorithm);
    if (isMlDsa(kind)) expect(mlDsaVerifies(signer.der, pki.caCertificate)).toBe(true);
    else mustRun("openssl", ["verify", "-CAfile", "ca.pem", "ocsp.pem"], pki.folder);
  });

  it("signs answers that others verify, in a fixed number of octets", () => {
    const pki = pkiOf(kind);
    const rows = [
      { key: Buffer.from("1ab23f", "hex"), value: goodHead() },
      { key: Buffer.from("00ff303ae4e90ac1ed", "hex"), value: revokedHead(1) },
    ];
    const job = answerJob(pki, rows);
    const { records, faults } = signAnswers(job);
    expect(faults).toEqual([]);
    for (const answer of answersIn(job, records)) {
      expect(answer.signatureSize).toBe(size);
      if (isMlDsa(kind)) expectMlDsaAnswer(pki, answer);
      else expectOpensslSays(pki, answer);
    }
  });

  it("finds one wrong bit of a signature", () => {
    const pki = pkiOf(kind);
    const job = answerJob(pki, []);
    const signed = signOctets(signingKey(job), Buffer.from("octets"));
    expect(signed).toHaveLength(size);
    // Under the same certificate, the CA's key is another key of the same kind.
    const mixed = { ...answerJob(pki, [{ key: Buffer.of(5), value: goodHead() }]) };
    const ca = { keyFile: pki.caKey, certificate: readCertificateFile(pki.caCertificate).der };
    expect(signAnswers({ ...mixed, ...ca }).faults).toEqual([{ row: 0, fault: "signature" }]);
  });

  it("signs CRLs that others verify", () => {
    const pki = pkiOf(kind);
    const result = signCRL(crlJob(pki));
    if ("fault" in result) throw new Error(result.fault);
    if (isMlDsa(kind)) {
      expect(mlDsaVerifies(result.der, pki.caCertificate)).toBe(true);
      return;
    }
    writeFileSync(join(pki.folder, "list.crl"), result.der);
    const read = ["crl", "-in", "list.crl", "-inform", "DER", "-noout", "-text"];
    const text = mustRun("openssl", [...read, "-verify", "-CAfile", "ca.pem"], pki.folder);
    expect(text).toContain("Serial Number: 61");
    mustRun(
      "openssl",
      ["crl", "-in", "list.crl", "-inform", "DER", "-out", "list.pem"],
      pki.folder,
    );
    mustRun(
      "openssl",
      ["verify", "-CAfile", "ca.pem", "-CRLfile", "list.pem", "-crl_check", "ocsp.pem"],
      pki.folder,
    );
  });
});

it("a signature of another message is none, also for @noble/post-quantum", () => {
  const pki = pkiOf("ML-DSA-44");
  const { raw } = new X509Certificate(readFileSync(pki.signer.certificate));
  const changed = Buffer.from(raw);
  changed[100] = (changed[100] as number) ^ 1;
  expect(mlDsaVerifies(changed, pki.caCertificate)).toBe(false);
});

/** An answer as it would be served. */
interface Answer {
  readonly der: Uint8Array;
  readonly signatureSize: number;
  readonly serial: string;
  readonly hash: PresignedHash;
  readonly says: "good" | "revoked";
}

function answersIn(job: AnswerJob, records: Uint8Array): Answer[] {
  return [...unpackPairs(records)].flatMap(({ key, value }) => {
    expect(value.length).toBeLessThanOrEqual(LONGEST_RECORD);
    return PRESIGNED_HASHES.map((hash) => {
      const { start = 0, end = 0 } = signatureRange(value, value.length, hash) ?? {};
      const template = answerTemplate(job.issuer, job.signer, hash);
      const signature = value.subarray(start, end);
      return {
        der: assembleResponse(template, serialNumberFromDer(key), value, signature),
        signatureSize: end - start,
        serial: key.toString("hex"),
        hash,
        says: recordStatus(value) === "good" ? "good" : "revoked",
      };
    });
  });
}

function expectMlDsaAnswer(pki: Pki, { der }: Answer): void {
  expect(mlDsaVerifies(basicResponse(der), pki.signer.certificate)).toBe(true);
}

function expectOpensslSays(pki: Pki, { der, serial, hash, says }: Answer): void {
  writeFileSync(join(pki.folder, "answer.der"), der);
  const asked = ["-issuer", "ca.pem", `-${hash}`, "-serial", `0x${serial}`, "-no_nonce"];
  const trust = ["-CAfile", "ca.pem", "-respin", "answer.der"];
  const said = mustRun("openssl", ["ocsp", ...asked, ...trust], pki.folder);
  expect(said.split("\n")[0]).toBe(`0x${serial}: ${says}`);
}

function crlJob(pki: Pki): CRLJob {
  const thisUpdate = now() - 60;
  const revocation = { revocationDate: thisUpdate, reason: 1, invalidityDate: undefined } as const;
  return {
    kind: "crl",
    keyFile: pki.caKey,
    certificate: readCertificateFile(pki.caCertificate).der,
    thisUpdate,
    nextUpdate: thisUpdate + 86_400,
    crlNumber: 5n,
    previous: undefined,
    expiredCertsOnCRL: undefined,
    ...{ baseCRLNumber: undefined, issuingDistributionPoint: undefined, freshestCRL: undefined },
    moreReasons: [],
    rows: [packPairs([{ key: Buffer.of(0x61), value: encodeRevocation(revocation) }])],
    changes: [],
    mostEntries: 1,
  };
}
