import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { type KeyKind, makeKindPki } from "../support/key-kinds.ts";
import { untilLive } from "../support/ocsp-client.ts";
import { goodCsv, prepareSite } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

/* vouch query, which shares no code with the signing side, on what the daemon serves. */

const KINDS: readonly KeyKind[] = ["P-256", "RSA-PSS for SHA-384", "ML-DSA-65"];
const GOOD = "1ab23f";

let site: Awaited<ReturnType<typeof prepareSite>>;
let daemon: Daemon;

beforeAll(async () => {
  const issuers = KINDS.map((kind, i) => ({ name: `ca-${i}`, pki: makeKindPki(kind) }));
  site = await prepareSite({ issuers });
  daemon = await startDaemon(site.places);
  const file = join(site.places.folder, "issued.csv");
  writeFileSync(file, goodCsv([GOOD]));
  for (const { name, pki } of issuers) {
    expect((await site.vouch(["import", name, file])).code).toBe(0);
    await untilLive(daemon.url, pki, GOOD);
  }
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
});

function query(index: number, ...more: string[]): Promise<VouchEnded> {
  const { pki } = site.issuers[index] as (typeof site.issuers)[number];
  const asked = [daemon.url, "--issuer", pki.caCertificate, "--serial", GOOD];
  return site.vouch(["query", ...asked, ...more], { json: true });
}

describe.each(KINDS.map((kind, i) => [kind, i] as const))("%s", (_kind, i) => {
  it("by GET: valid, and nothing to remark, caching headers included", async () => {
    const { code, json } = await query(i, "--method", "get");
    expect(json.answers[0]).toMatchObject({ certStatus: "good", problems: [], warnings: [] });
    expect(code).toBe(0);
  });

  it("by POST with a nonce, which is echoed", async () => {
    const { code, json } = await query(i, "--method", "post", "--nonce", "--hash", "sha384");
    expect(json.answers[0]).toMatchObject({ nonce: "echoed", problems: [], warnings: [] });
    expect(code).toBe(0);
  });
});

it("a serial number that was never issued: unauthorized, and not to be cached", async () => {
  const { pki } = site.issuers[0] as (typeof site.issuers)[number];
  const asked = [daemon.url, "--issuer", pki.caCertificate, "--serial", "99"];
  const { code, json } = await site.vouch(["query", ...asked], { json: true });
  expect(json.answers[0]).toMatchObject({ responseStatus: "unauthorized", warnings: [] });
  expect(code).toBe(1);
});
