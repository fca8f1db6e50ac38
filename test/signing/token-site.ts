import { readFileSync } from "node:fs";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import type { KeyRef } from "../../src/signing/jobs.ts";
import { unpackPairs } from "../../src/signing/packing.ts";
import { type SigningPool, startSigningPool } from "../../src/signing/pool.ts";
import { type FaultyToken, makeFaultyToken } from "../support/faulty-token.ts";
import { makeKindPki } from "../support/key-kinds.ts";
import type { Pki } from "../support/openssl-pki.ts";
import { answerJob, goodHead } from "./answer-job.ts";

/** A signer whose key is in a token. */
export interface TokenSigner {
  readonly label: string;
  readonly pki: Pki;
  readonly ref: KeyRef;
}

/** A faulty token with a key for each label, and signing threads. */
export interface TokenSite {
  readonly token: FaultyToken;
  readonly signers: readonly [TokenSigner, ...TokenSigner[]];
  /** Signs as many records in one job; how many came back signed. */
  sign(signer?: TokenSigner, records?: number): Promise<number>;
  probe(signer?: TokenSigner): ReturnType<SigningPool["probe"]>;
  /** Ends the signing threads with all that they know, and starts others. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Makes one; its token is that of all processes that start from here on. */
export function makeTokenSite(threads: number, ...labels: [string, ...string[]]): TokenSite {
  const token = makeFaultyToken();
  Object.assign(process.env, token.env);
  const signers = labels.map((label) => newSigner(token, label)) as [TokenSigner];
  let pool = startSigningPool(threads);
  return {
    token,
    signers,
    sign: async ({ pki, ref } = signers[0], records = 1) => {
      const pairs = Array.from({ length: records }, (_, i) => ({
        key: Buffer.of(1 + (i >> 7), i & 0x7f),
        value: goodHead(),
      }));
      const job = { ...answerJob(pki, pairs), keyFile: ref.keyFile, secondLook: "one" as const };
      const { records: signed } = await pool.answers(job, "bulk");
      return [...unpackPairs(signed)].filter(({ value }) => value.length > 0).length;
    },
    probe: ({ ref } = signers[0]) => pool.probe(ref),
    restart: async () => {
      await pool.close();
      pool = startSigningPool(threads);
    },
    close: async () => {
      await pool.close();
      token.remove();
      for (const { pki } of signers) pki.remove();
    },
  };
}

function newSigner(token: FaultyToken, label: string): TokenSigner {
  const pki = makeKindPki("P-256");
  const keyFile = token.importKey(label, readFileSync(pki.signer.key, "utf8"));
  const certificate = readCertificateFile(pki.signer.certificate).der;
  return { label, pki, ref: { keyFile, certificate } };
}
