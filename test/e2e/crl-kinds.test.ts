import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { type ReadCRL, readCRL } from "../authority/crl-year-model.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest, onlyStatus, postOcsp } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { goodCsv, prepareSite, type Site } from "../support/site.ts";
import { until } from "../support/until.ts";

const KINDS = ["delta", "full", "shards", "keyless", "lapsing"] as const;
type Kind = (typeof KINDS)[number];
const SHARDS = 3;
const [HOLD, REMOVE] = [6, 8];
const URL = "http://crl.example.vn/crl";
/** What is issued under each CA: 0x30 and 0x60 are of shard 0, 0x31 of shard 1. */
const SERIALS = ["30", "31", "60", "a1", "a2"] as const;

let pkis: Record<Kind, Pki>;
let site: Omit<Site, "daemon">;
let daemon: Daemon;

beforeAll(async () => {
  pkis = Object.fromEntries(
    KINDS.map((name) => [name, makePki({ algorithm: "ec", leaves: 0, name: `CA ${name}` })]),
  ) as Record<Kind, Pki>;
  const away = {
    certificate: pkis.keyless.caCertificate,
    key: join(pkis.keyless.folder, "away.key"),
  };
  const crls: Record<Kind, Record<string, unknown>> = {
    delta: { delta: "1h", leastInterval: "1s", url: `${URL}/delta.crl` },
    full: { leastInterval: "3s" },
    shards: { shards: SHARDS, leastInterval: "1s", url: `${URL}/shards.crl` },
    keyless: { signer: away },
    lapsing: { validity: "12s", every: "6s", leastInterval: "1s" },
  };
  const issuers = KINDS.map((name) => {
    return { name, pki: pkis[name], crl: crls[name], more: { hold: true } };
  });
  site = await prepareSite({ issuers });
  daemon = await startDaemon(site.places);
  const list = join(site.places.folder, "list.csv");
  writeFileSync(list, goodCsv(SERIALS));
  for (const name of KINDS) await must("import", name, list);
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
});

/** Runs a command that has to succeed; its document. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into documents whose shape is what they test
async function must(...args: string[]): Promise<any> {
  const ended = await site.vouch(args, { json: true });
  if (ended.code !== 0) throw new Error(`vouch ${args.join(" ")}: ${ended.stdout}${ended.stderr}`);
  return ended.json;
}

async function octetsOf(path: string): Promise<Buffer> {
  const { status, body } = await request(`${daemon.url}/crl/${path}`);
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return body;
}

/** The CRL at a path, as pkijs reads it. */
const crlAt = async (path: string): Promise<ReadCRL> => readCRL(await octetsOf(path));

/** Waits until the CRL at this path gives a certificate this reason, nothing for not listed. */
function untilLists(
  path: string,
  serialNumber: string,
  reason: number | undefined,
): Promise<ReadCRL> {
  return until(
    async () => {
      const crl = await crlAt(path);
      return crl.entries.get(serialNumber) === reason && crl;
    },
    { what: `${path} to give ${serialNumber} the reason ${reason}` },
  );
}

/** What openssl prints of an entry of the CRL at this path. */
async function entryText(path: string, serialNumber: string): Promise<string> {
  const file = join(site.places.folder, "served.crl");
  writeFileSync(file, await octetsOf(path));
  const text = mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
  const entry = new RegExp(
    `Serial Number: 0*${serialNumber}\\n(?:.*\\n)*?(?=.*Serial Number|Signature)`,
    "i",
  );
  return entry.exec(text)?.[0] ?? "";
}

describe("onRevocation", () => {
  it("brings the delta where there is one, within seconds, and no full one", async () => {
    const full = await crlAt("delta.crl");
    const before = await crlAt("delta-delta.crl");
    expect(before.baseCRLNumber).toBe(full.crlNumber);
    await must("revoke", "delta", "30", "--reason", "keyCompromise");
    const delta = await untilLists("delta-delta.crl", "30", 1);
    expect(delta.crlNumber).toBeGreaterThan(before.crlNumber);
    expect(delta.baseCRLNumber).toBe(full.crlNumber);
    expect((await crlAt("delta.crl")).crlNumber).toBe(full.crlNumber);
  });

  it("brings the full one where there is none, and the next not before leastInterval", async () => {
    await must("revoke", "full", "30", "--reason", "superseded");
    const first = await untilLists("full.crl", "30", 4);
    await must("revoke", "full", "31", "--reason", "superseded");
    await must("revoke", "full", "60", "--reason", "superseded");
    const second = await untilLists("full.crl", "60", 4);
    expect(second.thisUpdate - first.thisUpdate).toBeGreaterThanOrEqual(3);
    expect([...second.entries.keys()].sort()).toEqual(["30", "31", "60"]);
  });
});

describe("a hold", () => {
  it("is on the next delta, becomes a revocation of the same date there, and on the full one", async () => {
    const at = "2026-10-05T06:07:08Z";
    await must("hold", "delta", "a1", "--at", at);
    await untilLists("delta-delta.crl", "a1", HOLD);
    expect(await entryText("delta-delta.crl", "a1")).toMatch(
      /Oct {2}5 06:07:08 2026 GMT.*Certificate Hold/s,
    );
    const since = ["--invalidity-date", "2026-10-01T00:00:00Z"];
    await must("revoke", "delta", "a1", "--reason", "keyCompromise", ...since);
    await untilLists("delta-delta.crl", "a1", 1);
    await must("crl", "issue", "delta");
    for (const path of ["delta-delta.crl", "delta.crl"]) {
      const entry = await entryText(path, "a1");
      expect(entry).toMatch(/Oct {2}5 06:07:08 2026 GMT.*Key Compromise/s);
      expect(entry).toMatch(/Invalidity Date:.*Oct {2}1 00:00:00 2026 GMT/s);
    }
    const answer = onlyStatus((await postOcsp(daemon.url, ocspRequest(pkis.delta, "a1"))).body);
    expect(answer).toMatchObject({ reason: 1, revocationTime: new Date(at) });
    const history = await must("history", "delta", "a1");
    expect(history.map(({ action, reason }: Record<string, unknown>) => [action, reason])).toEqual([
      ["import", null],
      ["hold", "certificateHold"],
      ["revoke", "keyCompromise"],
    ]);
    const refused = await site.vouch(["release", "delta", "a1"], { json: true });
    expect([refused.code, refused.json.refused[0]?.code]).toEqual([1, "alreadyRevoked"]);
  });

  it("that only a delta listed is removed by the next, and on no full one", async () => {
    const { crlNumber } = await crlAt("delta.crl");
    await must("hold", "delta", "a2");
    await untilLists("delta-delta.crl", "a2", HOLD);
    await must("release", "delta", "a2");
    await untilLists("delta-delta.crl", "a2", REMOVE);
    expect((await crlAt("delta.crl")).crlNumber).toBe(crlNumber);
    await must("crl", "issue", "delta");
    expect((await crlAt("delta.crl")).entries.has("a2")).toBe(false);
  });
});

describe("shards", () => {
  it("are all there, each with its URL octet for octet, and list what is theirs", async () => {
    for (const serialNumber of ["30", "31"]) {
      await must("revoke", "shards", serialNumber, "--reason", "superseded");
    }
    await untilLists("shards/1.crl", "31", 4);
    await untilLists("shards/0.crl", "30", 4);
    for (let shard = 0; shard < SHARDS; shard++) {
      const octets = await octetsOf(`shards/${shard}.crl`);
      const { entries } = readCRL(octets);
      expect([...entries.keys()]).toEqual([["30"], ["31"], []][shard]);
      // [0] distributionPoint, [0] fullName, [6] URI: whole, and nothing else beside it.
      const uri = Buffer.from(`${URL}/shards/${shard}.crl`);
      const wrapped = (tag: number, of: Buffer): Buffer =>
        Buffer.concat([Buffer.of(tag, of.length), of]);
      const point = wrapped(0x30, wrapped(0xa0, wrapped(0xa0, wrapped(0x86, uri))));
      const critical = Buffer.of(0x06, 0x03, 0x55, 0x1d, 0x1c, 0x01, 0x01, 0xff);
      expect(octets.includes(Buffer.concat([critical, wrapped(0x04, point)]))).toBe(true);
    }
    expect((await request(`${daemon.url}/crl/shards/${SHARDS}.crl`)).status).toBe(404);
    expect([...(await crlAt("shards.crl")).entries.keys()].sort()).toEqual(["30", "31"]);
  });
});

describe("several issuers", () => {
  it("one whose key is away has none and says why; it comes with the key", async () => {
    expect((await request(`${daemon.url}/crl/keyless.crl`)).status).toBe(404);
    await until(() => daemon.stderr().includes("away.key"), { what: "the log to name the key" });
    const refused = await site.vouch(["crl", "issue", "keyless"], { json: true });
    expect(refused.code).toBe(1);
    expect(refused.json.refused).toMatch(/away\.key/);
    const [listed]: PublishedCRL[] = await must("crl", "list", "keyless");
    expect(listed?.refused).toMatch(/away\.key/);
    const { body } = await request(`${daemon.opsUrl}/metrics`);
    expect(body.toString()).toMatch(/proof_failures_total\{issuer="keyless",fault="crl"\} [1-9]/);
    copyFileSync(pkis.keyless.caKey, join(pkis.keyless.folder, "away.key"));
    await must("reload");
    await until(async () => (await crlAt("keyless.crl")).crlNumber > 0n, { what: "its CRL" });
  });

  it("are listed, each with what is published", async () => {
    const listed: PublishedCRL[] = await must("crl", "list");
    const scopes = listed.map(({ issuer, scope }) => `${issuer} ${scope}`);
    for (const wanted of ["delta full", "delta delta", "shards shard-2", "lapsing full"]) {
      expect(scopes).toContain(wanted);
    }
    const refused = listed.filter((crl) => crl.refused !== null).map(({ issuer }) => issuer);
    expect(refused).toEqual(["keyless"]);
  });
});

describe("downtime", () => {
  it("over a CRL's nextUpdate is made up for at once, above the numbers before", async () => {
    await must("revoke", "lapsing", "30", "--reason", "superseded");
    await untilLists("lapsing.crl", "30", 4);
    await daemon.kill9();
    const before = readCRL(readFileSync(join(site.places.data, "crl", "lapsing.crl")));
    const rest = before.nextUpdate * 1_000 - Date.now();
    await sleep(Math.max(0, rest) + 1_500);
    daemon = await startDaemon(site.places);
    const after = await until(
      async () => {
        const crl = await crlAt("lapsing.crl");
        return crl.crlNumber > before.crlNumber && crl;
      },
      { what: "a CRL after the start" },
    );
    expect(after.thisUpdate).toBeGreaterThan(before.nextUpdate);
    expect([...after.entries]).toEqual([["30", 4]]);
  });
});
