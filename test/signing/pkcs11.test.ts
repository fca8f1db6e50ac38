import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { DerReader, Tag } from "../../src/der/reader.ts";
import type { KeyRef } from "../../src/signing/jobs.ts";
import { unpackPairs } from "../../src/signing/packing.ts";
import { type SigningPool, startSigningPool } from "../../src/signing/pool.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { type KeyKind, makeKindPki } from "../support/key-kinds.ts";
import type { Pki } from "../support/openssl-pki.ts";
import { INSTALL_SOFTHSM, makeSoftHSM, type SoftHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";
import { answerJob, goodHead } from "./answer-job.ts";

/* Keys in a real token of SoftHSM2, used by real signing threads. */

const it = needs("softhsm2-util", INSTALL_SOFTHSM);
const KINDS: readonly KeyKind[] = [
  "RSA-2048",
  "RSA-PSS for SHA-384",
  "P-256",
  "P-384",
  "P-521",
  "Ed25519",
];

let hsm: SoftHSM;
let pool: SigningPool;
const pkis = new Map<string, { pki: Pki; uri: string }>();
const ref = (kind: string): KeyRef => {
  const { pki, uri } = found(kind);
  return { keyFile: uri, certificate: readCertificateFile(pki.signer.certificate).der };
};

/** A token's RSA key is for PKCS #1 and PSS alike; the certificate says which. */
function tokenPem(file: string): string {
  const key = createPrivateKey(readFileSync(file));
  if (key.asymmetricKeyType !== "rsa-pss") return readFileSync(file, "utf8");
  const reader = new DerReader(key.export({ type: "pkcs8", format: "der" }), "PrivateKeyInfo");
  reader.open(Tag.sequence);
  reader.integer();
  reader.element(Tag.sequence);
  const rsa = {
    key: Buffer.from(reader.content(Tag.octetString)),
    format: "der",
    type: "pkcs1",
  } as const;
  return createPrivateKey(rsa).export({ type: "pkcs8", format: "pem" }).toString();
}

function found(kind: string): { pki: Pki; uri: string } {
  const one = pkis.get(kind);
  if (!one) throw new Error(kind);
  return one;
}

beforeAll(() => {
  if (!hasProgram("softhsm2-util")) return;
  hsm = makeSoftHSM();
  Object.assign(process.env, hsm.env);
  for (const kind of KINDS) {
    const pki = makeKindPki(kind);
    pkis.set(kind, { pki, uri: hsm.importKey(kind, tokenPem(pki.signer.key)) });
  }
  pool = startSigningPool(2);
});

afterAll(async () => {
  await pool?.close();
  hsm?.remove();
  for (const { pki } of pkis.values()) pki.remove();
});

async function signed(kind: string, rows = 1): Promise<number> {
  const { pki, uri } = found(kind);
  const pairs = Array.from({ length: rows }, (_, i) => ({
    key: Buffer.of(1 + (i >> 7), i & 0x7f),
    value: goodHead(),
  }));
  const job = { ...answerJob(pki, pairs), keyFile: uri };
  const { records, faults } = await pool.answers(job, "bulk");
  expect(faults).toEqual([]);
  return [...unpackPairs(records)].filter(({ value }) => value.length > 0).length;
}

describe("keys of a token", () => {
  for (const kind of KINDS) {
    it(`${kind}: signs answers, each proved with the certificate's key`, async () => {
      expect(await pool.probe(ref(kind))).toEqual({ state: "signs", rate: expect.any(Number) });
      expect(await signed(kind, 20)).toBe(20);
    });
  }

  it("several threads sign at once, each by its own session", async () => {
    const counts = await Promise.all(Array.from({ length: 6 }, () => signed("P-256", 40)));
    expect(counts).toEqual(Array(6).fill(40));
  });
});

describe("a URI that is wrong", () => {
  const probe = (change: (uri: string) => string): ReturnType<SigningPool["probe"]> => {
    const { keyFile, certificate } = ref("P-256");
    return pool.probe({ keyFile: change(keyFile), certificate });
  };

  it("names no key of the token: a person has to put that right", async () => {
    expect(await probe((uri) => uri.replace("object=P-256", "object=none"))).toEqual({
      state: "unusable",
      fault: 'the token has no private key with label "none"',
    });
  });

  it("names another certificate's key", async () => {
    const found = await probe((uri) => uri.replace("object=P-256", "object=P-384"));
    const fault = expect.stringMatching(/of another certificate: its signatures are longer/);
    expect(found).toEqual({ state: "unusable", fault });
  });

  it("names a key of another kind, and says of which", async () => {
    expect(await probe((uri) => uri.replace("object=P-256", "object=RSA-2048"))).toEqual({
      state: "unusable",
      fault: `the key is of another certificate: the token's key with label "RSA-2048" is an RSA key, and the certificate's is not`,
    });
    const { certificate } = ref("RSA-2048");
    const { keyFile } = ref("P-256");
    const fault = expect.stringMatching(/is no RSA key, and the certificate's is one/);
    expect(await pool.probe({ keyFile, certificate })).toEqual({ state: "unusable", fault });
  });

  it("names no PIN, without which the token shows no private key", async () => {
    const { keyFile, certificate } = ref("P-256");
    const fresh = startSigningPool(1);
    const found = await fresh.probe({
      keyFile: keyFile.replace(/&pin-source=.*/, ""),
      certificate,
    });
    await fresh.close();
    const fault = expect.stringMatching(
      /label "P-256" without a PIN, and the URI has no pin-source/,
    );
    expect(found).toEqual({ state: "unusable", fault });
  });

  it("names a token that is not there: it may come", async () => {
    const found = await probe((uri) => uri.replace("token=vouch", "token=other"));
    expect(found).toEqual({ state: "away", fault: 'no slot has the token "other"' });
  });

  it("names a library that is none", async () => {
    const file = join(hsm.folder, "lib.so");
    writeFileSync(file, "no library");
    const found = await probe((uri) => uri.replace(/module-path=[^&]*/, `module-path=${file}`));
    expect(found).toMatchObject({ state: "unusable", fault: expect.stringContaining("lib.so") });
  });

  it("names a PIN file that is missing", async () => {
    const found = await probe((uri) => uri.replace(/pin-source=.*/, "pin-source=file:/no/pin"));
    // The token is logged in for the whole process, but the file is asked for each time.
    expect(found).toMatchObject({ state: "unusable", fault: expect.stringContaining("/no/pin") });
  });
});

describe("a token that is lost", () => {
  it("is away until it is back, and then signs again without a restart", async () => {
    expect(await signed("P-256")).toBe(1);
    hsm.takeAway();
    await expect(signed("P-256")).rejects.toThrow(/no slot has the token|failed: CKR_/);
    expect(await pool.probe(ref("P-256"))).toMatchObject({ state: "away" });
    hsm.bringBack();
    const signs = async (): Promise<boolean> => (await pool.probe(ref("P-256"))).state === "signs";
    await until(signs, { what: "the key to sign" });
    const counts = await Promise.all(Array.from({ length: 4 }, () => signed("P-256", 20)));
    expect(counts).toEqual([20, 20, 20, 20]);
    expect(await signed("RSA-2048")).toBe(1);
  });
});
