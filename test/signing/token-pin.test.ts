import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { type SigningPool, startSigningPool } from "../../src/signing/pool.ts";
import { type FaultyToken, makeFaultyToken } from "../support/faulty-token.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { makeKindPki } from "../support/key-kinds.ts";
import type { Pki } from "../support/openssl-pki.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { answerJob, goodHead } from "./answer-job.ts";

/* Tokens lock themselves after a few wrong PINs, often three, and a token has that many threads. */

const it = needs("softhsm2-util", INSTALL_SOFTHSM);
const THREADS = 4;

let token: FaultyToken;
let pki: Pki;
let keyFile: string;
let pool: SigningPool;

beforeAll(() => {
  if (!hasProgram("softhsm2-util")) return;
  token = makeFaultyToken();
  Object.assign(process.env, token.env);
  pki = makeKindPki("P-256");
  keyFile = token.importKey("P-256", readFileSync(pki.signer.key, "utf8"));
  pool = startSigningPool(THREADS);
});

afterAll(async () => {
  await pool?.close();
  token?.remove();
  pki?.remove();
});

const sign = (): Promise<unknown> => {
  const pairs = [{ key: Buffer.of(1), value: goodHead() }];
  return pool.answers({ ...answerJob(pki, pairs), keyFile }, "bulk");
};

it("a wrong PIN is tried once by all threads together, and again when its file has changed", async () => {
  const { certificate } = pki.signer;
  const ref = { keyFile, certificate: readCertificateFile(certificate).der };
  writeFileSync(token.pinFile, "00000000");
  const all = await Promise.allSettled(Array.from({ length: 2 * THREADS }, () => sign()));
  const reason = { message: expect.stringMatching(/refuses the PIN/) };
  expect(all).toEqual(
    all.map(() => ({ status: "rejected", reason: expect.objectContaining(reason) })),
  );
  expect(await pool.probe(ref)).toMatchObject({ state: "unusable" });
  expect(token.counted("refused")).toBe(1);
  writeFileSync(token.pinFile, "00000001");
  expect(await pool.probe(ref)).toMatchObject({ state: "unusable" });
  await expect(sign()).rejects.toThrow(/refuses the PIN/);
  expect(token.counted("refused")).toBe(2);
  writeFileSync(token.pinFile, token.pin);
  expect(await pool.probe(ref)).toMatchObject({ state: "signs" });
  await sign();
});

it("an empty PIN file costs no try, and the mark of a Windows editor is no part of the PIN", async () => {
  const { certificate } = pki.signer;
  const ref = { keyFile, certificate: readCertificateFile(certificate).der };
  const before = token.counted("refused");
  for (const nothing of ["", "\n", "\uFEFF\r\n"]) {
    writeFileSync(token.pinFile, nothing);
    const fresh = startSigningPool(1);
    const fault = `the PIN file ${token.pinFile} is empty`;
    expect(await fresh.probe(ref)).toEqual({ state: "unusable", fault });
    await fresh.close();
  }
  expect(token.counted("refused")).toBe(before);
  writeFileSync(token.pinFile, `\uFEFF${token.pin}\r\n`);
  const fresh = startSigningPool(1);
  expect(await fresh.probe(ref)).toMatchObject({ state: "signs" });
  await fresh.close();
});
