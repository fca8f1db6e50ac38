import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { element } from "../../src/der/writer.ts";
import type { HashName } from "../../src/ocsp/hash.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { request } from "../support/http-client.ts";
import { type KeyKind, makeKindPki } from "../support/key-kinds.ts";
import { caCertID } from "../support/live-request.ts";
import {
  ocspRequest,
  onlyStatus,
  postOcsp,
  untilLive,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { lintCRL, lintOcspResponse, pkilint } from "../support/pkilint.ts";
import { prepareSite } from "../support/site.ts";
import type { IssuerSetup } from "../support/vouch-file.ts";

/* pkilint's linters, which share no code with Vouch, on what the daemon serves. */

const KINDS: readonly KeyKind[] = [
  ...(["RSA-2048", "RSA-PSS for SHA-256", "RSA-PSS for SHA-512"] as const),
  ...(["P-256", "P-384", "P-521", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const),
];
const PAST = "2026-01-31T00:00:00Z";
const FUTURE = "2036-01-01T00:00:00Z";

/** Serial number, line of the CSV, what OCSP says. */
const STATES = [
  ["1001", `${FUTURE},good,,`, "good", "good"],
  ["1002", `${FUTURE},revoked,2026-02-03T04:05:06Z,keyCompromise`, "revoked", "with a reason"],
  ["1003", `${FUTURE},revoked,2026-02-03T04:05:06Z,unspecified`, "revoked", "without a reason"],
  ["ff04", `${FUTURE},hold,2026-02-03T04:05:06Z,certificateHold`, "revoked", "suspended"],
  ["1005", `${PAST},good,,`, "good", "good and expired: archiveCutoff"],
  ["1006", `${PAST},revoked,2026-01-03T04:05:06Z,superseded`, "revoked", "revoked and expired"],
] as const;

let site: Awaited<ReturnType<typeof prepareSite>>;
let daemon: Daemon;
const direct = { name: "direct", pki: makePki({ algorithm: "ec", direct: true, leaves: 0 }) };

beforeAll(async () => {
  const issuers = [
    ...KINDS.map((kind, i) => ({
      name: `ca-${i}`,
      pki: makeKindPki(kind),
      ocsp: { unissued: "unknown" },
    })),
    { ...direct, ocsp: { unissued: "revoked" } },
  ].map((issuer) => ({ ...issuer, more: { hold: true } }));
  site = await prepareSite({ issuers });
  daemon = await startDaemon(site.places);
  const file = join(site.places.folder, "issued.csv");
  const rows = STATES.map(([serialNumber, row]) => `${serialNumber},${row}`);
  const columns = "serialNumber,notAfter,status,revocationDate,reason";
  writeFileSync(file, [columns, ...rows, ""].join("\n"));
  for (const { name, pki } of issuers) {
    expect((await site.vouch(["import", name, file])).code).toBe(0);
    await untilOcspSays(daemon.url, ocspRequest(pki, "1006"), "revoked");
    await untilLive(daemon.url, pki, "1006");
  }
  // The others' first CRLs, from before the import, are empty: another kind.
  for (const name of [issuerAt(P256).name, direct.name]) {
    expect((await site.vouch(["crl", "issue", name])).code).toBe(0);
  }
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
});

function issuerAt(index: number): IssuerSetup {
  return site.issuers[index] as IssuerSetup;
}

async function lintAnswer({ pki }: IssuerSetup, serial: string, says: string): Promise<string[]> {
  const { body } = await postOcsp(daemon.url, ocspRequest(pki, serial, { hash: "sha256" }));
  expect(onlyStatus(body).certStatus).toBe(says);
  return lintOcspResponse(body);
}

const P256 = KINDS.indexOf("P-256");
const NONCE = element(0x04, Buffer.alloc(32, 0x5a));

/** What a live answer holds, and what pkilint has against it. */
async function lintLive(
  issuer: number,
  serials: readonly string[],
  hash: HashName,
  nonce?: Uint8Array,
): Promise<ReturnType<typeof peekAnswer> & { findings: string[] }> {
  const { caCertificate } = issuerAt(issuer).pki;
  const certIDs = serials.map((serial) => caCertID(caCertificate, serial, hash));
  const { body } = await postOcsp(daemon.url, encodeRequest(certIDs, nonce));
  return { ...peekAnswer(body), findings: await lintOcspResponse(body) };
}

describe("lint_ocsp_response is clean on", () => {
  for (const [serial, , says, what] of STATES) {
    pkilint(`${what}, of P-256`, async () => {
      expect(await lintAnswer(issuerAt(P256), serial, says)).toEqual([]);
    });
  }

  for (const [i, kind] of [...KINDS, "the CA's own key"].entries()) {
    pkilint(`good and revoked, of ${kind}`, async () => {
      expect(await lintAnswer(issuerAt(i), "1001", "good")).toEqual([]);
      expect(await lintAnswer(issuerAt(i), "1002", "revoked")).toEqual([]);
    });
  }

  for (const [i, kind] of [...KINDS, "the CA's own key"].entries()) {
    pkilint(`a nonce and two certificates, signed live, of ${kind}`, async () => {
      const { single, extensions, findings } = await lintLive(i, ["1001", "1002"], "sha256", NONCE);
      expect(single.map(({ certStatus }) => certStatus)).toEqual(["good", "revoked"]);
      expect(extensions).toBe(1);
      expect(findings).toEqual([]);
    });
  }

  pkilint("CertIDs with SHA-384 and SHA-512", async () => {
    for (const hash of ["sha384", "sha512"] as const) {
      const { single, findings } = await lintLive(P256, ["1001"], hash);
      expect(single.map(({ certStatus }) => certStatus)).toEqual(["good"]);
      expect(findings).toEqual([]);
    }
  });

  pkilint("unknown, where the serial number was never issued", async () => {
    const { single, findings } = await lintLive(P256, ["99"], "sha256");
    expect(single.map(({ certStatus }) => certStatus)).toEqual(["unknown"]);
    expect(findings).toEqual([]);
  });

  pkilint("revoked, by the extended definition, where it was never issued", async () => {
    const { single, extensions, findings } = await lintLive(KINDS.length, ["99"], "sha256");
    expect(single.map(({ reason }) => reason)).toEqual([6]);
    expect(extensions).toBe(1);
    expect(findings).toEqual([]);
  });

  pkilint("an error", async () => {
    const { body } = await postOcsp(daemon.url, Buffer.from("not a request"));
    expect(await lintOcspResponse(body)).toEqual([]);
  });
});

describe("lint_crl is clean on", () => {
  for (const [i, kind] of [...KINDS, "the CA's own key"].entries()) {
    pkilint(`the full CRL of ${kind}`, async () => {
      const { body } = await request(`${daemon.url}/crl/${issuerAt(i).name}.crl`);
      expect(await lintCRL(body)).toEqual([]);
    });
  }
});

describe("the linters find what is wrong", () => {
  pkilint("in an answer with an empty list of extensions", async () => {
    const vector = "../vectors/golden/bad.empty-response-extensions.der";
    const found = await lintOcspResponse(readFileSync(new URL(vector, import.meta.url)));
    expect(found).toEqual([expect.stringContaining("FATAL itu.invalid_asn1_syntax")]);
  });
});
