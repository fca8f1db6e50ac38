import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ocspRequest, ocspSays, postOcsp, untilLive } from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

/*
 * Certificates that have expired: how long their status is given, and what archiveCutoff says of that
 * (RFC 6960 4.4.4), as `openssl` reads it.
 */

const YEAR_SECONDS = 365 * 86_400;
const VALID = "a1";
const EXPIRED = "a2";
const LONG_EXPIRED = "a3";
const LONG_EXPIRED_REVOKED = "a4";

let site: Site;

/** So many years of 365 days ago. */
function ago(years: number): string {
  return new Date(Date.now() - years * YEAR_SECONDS * 1000).toISOString().replace(/\.\d+Z/, "Z");
}

beforeAll(async () => {
  site = await startSite({
    issuers: [
      { name: "for-ever", pki: makePki({ algorithm: "ec", leaves: 0, name: "For ever" }) },
      {
        name: "ten-years",
        pki: makePki({ algorithm: "ec", leaves: 0, name: "Ten years" }),
        ocsp: { archive: "10y", unissued: "unknown" },
      },
    ],
  });
  const rows = [
    `${VALID},2036-01-01T00:00:00Z,good,`,
    `${EXPIRED},${ago(2)},good,`,
    `${LONG_EXPIRED},${ago(12)},good,`,
    `${LONG_EXPIRED_REVOKED},${ago(12)},revoked,${ago(13)}`,
  ];
  const file = join(site.places.folder, "expired.csv");
  writeFileSync(file, ["serialNumber,notAfter,status,revocationDate", ...rows, ""].join("\n"));
  for (const { name } of site.issuers) {
    const done = await site.vouch(["import", name, file]);
    expect(done.code).toBe(0);
  }
  for (const { pki } of site.issuers) await untilLive(site.daemon.url, pki, VALID);
});

afterAll(() => site?.close());

function asks(issuer: number, serialNumber: string, nonce = false): Buffer {
  const pki = site.issuers[issuer]?.pki;
  if (!pki) throw new Error("no issuer");
  return ocspRequest(pki, serialNumber, { nonce });
}

function says(issuer: number, serialNumber: string, nonce = false): Promise<string> {
  return ocspSays(site.daemon.url, asks(issuer, serialNumber, nonce));
}

/** The times in an answer, in seconds. */
interface Times {
  readonly archiveCutoff: number | undefined;
  readonly producedAt: number;
}

async function timesOf(der: Buffer): Promise<Times> {
  const file = join(site.places.folder, "answer.der");
  writeFileSync(file, (await postOcsp(site.daemon.url, der)).body);
  const text = mustRun("openssl", ["ocsp", "-respin", file, "-resp_text", "-noverify"]);
  const seconds = (pattern: RegExp): number | undefined => {
    const [, time] = pattern.exec(text) ?? [];
    return time === undefined ? undefined : Date.parse(time) / 1000;
  };
  const producedAt = seconds(/Produced At: (.*)/) ?? Number.NaN;
  return { archiveCutoff: seconds(/Archive Cutoff: *\n\s*(.*)/), producedAt };
}

describe.each([
  ["signed ahead", false],
  ["signed live", true],
])("%s", (_, nonce) => {
  it("what is valid has no archiveCutoff", async () => {
    expect((await timesOf(asks(0, VALID, nonce))).archiveCutoff).toBeUndefined();
  });

  it("archive: forever gives status always, since the CA's notBefore", async () => {
    const ca = new X509Certificate(readFileSync(site.issuers[0]?.pki.caCertificate ?? ""));
    const notBefore = Date.parse(ca.validFrom) / 1000;
    for (const serialNumber of [EXPIRED, LONG_EXPIRED]) {
      expect(await says(0, serialNumber, nonce)).toBe("good");
      expect((await timesOf(asks(0, serialNumber, nonce))).archiveCutoff).toBe(notBefore);
    }
    expect(await says(0, LONG_EXPIRED_REVOKED, nonce)).toBe("revoked");
  });

  it("archive: 10y gives it for ten years, and then nothing, whatever `unissued` is", async () => {
    expect(await says(1, EXPIRED, nonce)).toBe("good");
    const { archiveCutoff = Number.NaN, producedAt } = await timesOf(asks(1, EXPIRED, nonce));
    expect(producedAt - archiveCutoff).toBe(10 * YEAR_SECONDS);
    expect(await says(1, LONG_EXPIRED, nonce)).toBe("unauthorized");
    expect(await says(1, LONG_EXPIRED_REVOKED, nonce)).toBe("unauthorized");
    expect(await says(1, "a5", nonce)).toBe("unknown");
  });
});

it("`vouch status` tells what is kept, and no answers where OCSP says unauthorized", async () => {
  const [forever, tenYears] = site.issuers.map(({ name }) => name);
  for (const [serialNumber, status] of [
    [LONG_EXPIRED, "expired"],
    [LONG_EXPIRED_REVOKED, "revoked"],
  ] as const) {
    const kept = await site.vouch(["status", tenYears ?? "", serialNumber], { json: true });
    expect(kept.json).toMatchObject({ status, certStatus: null, answers: [] });
    const told = await site.vouch(["status", forever ?? "", serialNumber], { json: true });
    expect(told.json.answers).toHaveLength(2);
  }
});
