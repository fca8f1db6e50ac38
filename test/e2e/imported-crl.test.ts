import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import {
  ocspRequest,
  ocspSays,
  onlyStatus,
  postOcsp,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { opensslCRL } from "../support/openssl-crl.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { goodCsv, prepareSite, type Site } from "../support/site.ts";
import { until } from "../support/until.ts";

const NOW = Math.floor(Date.now() / 1000);
const A = "1a2b";
const B = "ff303ae4e90ac1ed";

let truth: Pki;
let issued: Pki;
let fetchedFrom: Pki;
let ending: Pki;
let site: Omit<Site, "daemon">;
let daemon: Daemon;
let server: Server;
/** What the CA's web server gives, and how often it was asked. */
let onWeb: Buffer;
let asked = 0;

beforeAll(async () => {
  truth = makePki({ algorithm: "ec", leaves: 0, name: "Truth" });
  issued = makePki({ algorithm: "rsa", leaves: 2, name: "Issued" });
  fetchedFrom = makePki({ algorithm: "ec", leaves: 0, name: "Fetched" });
  ending = makePki({ algorithm: "ec", leaves: 0, name: "Ending" });
  onWeb = opensslCRL(fetchedFrom, { crlNumber: 1, entries: [{ serialNumber: A }] });
  server = createServer((_, response) => {
    asked++;
    response.end(onWeb);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ca.crl`;
  const unsigned = { signer: undefined };
  const more = { source: "crl" };
  site = await prepareSite({
    issuers: [
      { name: "truth", pki: truth, more, crl: { ...unsigned, paths: ["/pki/truth.crl"] } },
      { name: "issued", pki: issued },
      { name: "ending", pki: ending, more, crl: unsigned },
      { name: "fetched", pki: fetchedFrom, more, crl: { ...unsigned, url, every: "1s" } },
    ],
  });
  daemon = await startDaemon(site.places);
});

afterAll(async () => {
  await daemon?.stop();
  server?.close();
  await site?.close();
});

/** Imports these octets, and gives what the command said. */
async function bring(issuer: string, octets: Buffer | string, name = "brought.crl") {
  const file = join(site.places.folder, name);
  writeFileSync(file, octets);
  return site.vouch(["import", issuer, file], { json: true });
}

const says = (pki: Pki, serialNumber: string): Promise<string> =>
  ocspSays(daemon.url, ocspRequest(pki, serialNumber));
const untilSays = (pki: Pki, serialNumber: string, wanted: string): Promise<void> =>
  untilOcspSays(daemon.url, ocspRequest(pki, serialNumber), wanted);

describe("vouch import of a CRL, source: crl", () => {
  const plan = { thisUpdate: NOW - 600, nextUpdate: NOW + 7200 };
  let first: Buffer;

  it("listed is revoked, a listed certificate without CRL is nothing yet, unlisted and unknown unauthorized", async () => {
    const listed = await bring("truth", goodCsv([A]), "list.csv");
    expect(listed.json).toMatchObject({ added: 1, bad: [] });
    expect(await says(truth, A)).toBe("tryLater");
    const readyz = async (): Promise<string> =>
      (await request(`${daemon.opsUrl}/readyz`)).body.toString();
    await until(
      async () => /"truth","ready":false,"reason":"no CRL has been imported/.test(await readyz()),
      { what: "readiness to say that there is no CRL" },
    );
    first = opensslCRL(truth, {
      ...plan,
      crlNumber: 7,
      entries: [{ serialNumber: B, reason: "superseded" }],
    });
    const done = await bring("truth", first);
    expect(done.code).toBe(0);
    expect(done.json).toEqual({ read: 1, added: 1, changed: 0, unchanged: 0, bad: [] });
    await untilSays(truth, A, "good");
    await untilSays(truth, B, "revoked");
    expect(await says(truth, "99")).toBe("unauthorized");
    const answer = onlyStatus((await postOcsp(daemon.url, ocspRequest(truth, A))).body);
    expect((answer.nextUpdate?.getTime() ?? 0) / 1000).toBeLessThanOrEqual(plan.nextUpdate);
    await until(async () => /"truth","ready":true/.test(await readyz()), { what: "readiness" });
  });

  it("it is served octet for octet, and lists for openssl", async () => {
    for (const path of ["/crl/truth.crl", "/pki/truth.crl", "/crl/truth/7.crl"]) {
      const answer = await request(`${daemon.url}${path}`);
      expect([answer.status, answer.body.equals(first)]).toEqual([200, true]);
    }
    const list = await site.vouch(["crl", "list", "truth"], { json: true });
    expect(list.json).toMatchObject([{ crlNumber: "7", entries: 1, scope: "full", refused: null }]);
    const metrics = (await request(`${daemon.opsUrl}/metrics`)).body.toString();
    expect(metrics).toMatch(/vouch_crl_imports_total\{issuer="truth",result="imported"\} 1/);
    expect(metrics).toMatch(/vouch_crl_imports_total\{issuer="truth",result="failed"\} 0/);
    expect(metrics).toMatch(/vouch_crl_lost_revocations\{issuer="truth"\} 0/);
  });

  it("an older one, or another CA's, is refused with exit 1 and leaves all as it was", async () => {
    const older = await bring(
      "truth",
      opensslCRL(truth, { ...plan, crlNumber: 6, thisUpdate: NOW }),
    );
    expect([older.code, older.json.bad[0]?.message]).toEqual([
      1,
      expect.stringMatching(/goes back behind 7/),
    ]);
    const foreign = await bring("truth", opensslCRL(issued, { ...plan, crlNumber: 8 }));
    expect([foreign.code, foreign.json.bad[0]?.message]).toEqual([
      1,
      expect.stringMatching(/it is a CRL of ".*Issued.*", not of ".*Truth/),
    ]);
    expect((await request(`${daemon.url}/crl/truth.crl`)).body.equals(first)).toBe(true);
    expect(await says(truth, B)).toBe("revoked");
  });

  it("nobody else revokes", async () => {
    const done = await site.vouch(["revoke", "truth", A, "--reason", "superseded"], { json: true });
    expect([done.code, done.json.error.code]).toEqual([1, "statusFromCRL"]);
  });

  it("goes on after kill -9 in the middle: the same CRL again makes it whole", async () => {
    const entries = [{ serialNumber: B, reason: "superseded" }];
    // Where the import was over before the kill, the next one is killed.
    for (let [crlNumber, isKilled] = [8, false]; !isKilled; crlNumber++) {
      const first = 0x10_00_00 + (crlNumber << 16);
      const serials = Array.from({ length: 6000 }, (_, i) => (first + i).toString(16));
      for (const serialNumber of serials) entries.push({ serialNumber, reason: "superseded" });
      const thisUpdate = NOW - 300 + crlNumber;
      const next = opensslCRL(truth, { ...plan, crlNumber, thisUpdate, entries });
      const importing = bring("truth", next);
      await until(async () => (await says(truth, serials[0] as string)) !== "unauthorized", {
        what: "the first of the new entries to be known",
        every: 5,
      });
      await daemon.kill9();
      isKilled = (await importing).code !== 0;
      daemon = await startDaemon(site.places);
      expect((await request(`${daemon.url}/crl/truth.crl`)).status).toBe(200);
      const again = await bring("truth", next);
      expect(again.code).toBe(0);
      expect(again.json).toMatchObject({ read: entries.length, bad: [] });
      await untilSays(truth, serials.at(-1) as string, "revoked");
      expect((await request(`${daemon.url}/crl/truth.crl`)).body.equals(next)).toBe(true);
    }
  });
});

describe("a CRL that ends without a successor", () => {
  const readyz = async (): Promise<string> =>
    (await request(`${daemon.opsUrl}/readyz`)).body.toString();
  const crl = () => request(`${daemon.url}/crl/ending.crl`);
  const now = (): number => Math.floor(Date.now() / 1000);

  it("takes OCSP's answers with it, says so everywhere, stays up, and is followed at once", async () => {
    const began = performance.now();
    const early = await bring("ending", goodCsv([A]), "ending.csv");
    // The CRL has to be there, and what follows from it to be seen, before it ends.
    const nextUpdate = now() + Math.ceil(5 + (12 * (performance.now() - began)) / 1_000);
    expect(early.stderr).toContain("OCSP says tryLater for them until a CRL is imported");
    const entries = [{ serialNumber: B }];
    const brought = await bring(
      "ending",
      opensslCRL(ending, { crlNumber: 1, entries, nextUpdate }),
    );
    expect([brought.code, brought.stderr]).toEqual([0, ""]);
    expect([await says(ending, A), await says(ending, B)]).toEqual(["good", "revoked"]);
    const answer = onlyStatus((await postOcsp(daemon.url, ocspRequest(ending, A))).body);
    expect((answer.nextUpdate?.getTime() ?? 0) / 1000).toBeLessThanOrEqual(nextUpdate);
    await untilSays(ending, A, "tryLater");
    expect(now()).toBeGreaterThanOrEqual(nextUpdate - 1);
    await untilSays(ending, B, "tryLater");
    await until(
      async () => /"ending","ready":false,"reason":"the imported CRL expired/.test(await readyz()),
      {
        what: "readiness to say so",
      },
    );
    const metrics = (await request(`${daemon.opsUrl}/metrics`)).body.toString();
    expect(metrics).toMatch(
      new RegExp(
        `vouch_crl_next_update_timestamp_seconds\\{issuer="ending",scope="full"\\} ${nextUpdate}`,
      ),
    );
    const stale = await crl();
    expect([stale.status, stale.headers["cache-control"]]).toEqual([
      200,
      expect.stringMatching(/max-age=0/),
    ]);
    await bring("ending", opensslCRL(ending, { crlNumber: 2, thisUpdate: now(), entries }));
    await untilSays(ending, A, "good");
    await untilSays(ending, B, "revoked");
    await until(async () => /"ending","ready":true/.test(await readyz()), { what: "readiness" });
  });
});

describe("a CRL at crl.url", () => {
  it("is fetched, and fetched again; a broken one changes nothing", async () => {
    await untilSays(fetchedFrom, A, "revoked");
    onWeb = Buffer.from("<html>moved</html>");
    const before = asked;
    await until(() => asked > before, { what: "another fetch" });
    expect(await says(fetchedFrom, A)).toBe("revoked");
    onWeb = opensslCRL(fetchedFrom, {
      ...{ crlNumber: 2, thisUpdate: NOW + 1 },
      entries: [{ serialNumber: A }, { serialNumber: B }],
    });
    await untilSays(fetchedFrom, B, "revoked");
  });
});

describe("data/incoming/NAME", () => {
  const folder = (): string => join(site.places.data, "incoming", "issued");

  it("a certificate that is put there is good within seconds; what is half written is left alone", async () => {
    const [one, two] = issued.leaves;
    if (!one || !two) throw new Error("no leaves");
    await until(() => existsSync(join(folder(), "done")), { what: "the folder" });
    writeFileSync(
      join(folder(), "two.pem.part"),
      readFileSync(two.certificate, "utf8").slice(0, 300),
    );
    writeFileSync(join(folder(), ".one"), readFileSync(one.certificate));
    renameSync(join(folder(), ".one"), join(folder(), "one.pem"));
    await untilSays(issued, one.serialNumber, "good");
    await until(
      () => readdirSync(join(folder(), "done")).some((name) => name.endsWith("-one.pem")),
      {
        what: "the file in done/",
      },
    );
    expect(await says(issued, two.serialNumber)).toBe("unauthorized");
    expect(existsSync(join(folder(), "two.pem.part"))).toBe(true);
    expect(readdirSync(join(folder(), "bad"))).toEqual([]);
  });

  it("what cannot be imported goes to bad/, with the reason; a CRL of the CA revokes", async () => {
    const [one] = issued.leaves;
    if (!one) throw new Error("no leaves");
    mkdirSync(join(folder(), "ignored"));
    writeFileSync(
      join(folder(), "junk.pem"),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    writeFileSync(
      join(folder(), "new.crl"),
      opensslCRL(issued, { entries: [{ serialNumber: one.serialNumber }] }),
    );
    await untilSays(issued, one.serialNumber, "revoked");
    await until(() => readdirSync(join(folder(), "bad")).length === 2, {
      what: "two files in bad/",
    });
    const reason = readdirSync(join(folder(), "bad")).find((name) => name.endsWith(".reason.txt"));
    expect(readFileSync(join(folder(), "bad", reason ?? ""), "utf8")).toMatch(
      /line 1: not a certificate/,
    );
    await until(
      () => readdirSync(join(folder(), "done")).some((name) => name.endsWith("-new.crl")),
      { what: "the CRL in done/" },
    );
  });

  it("a CA's hook gives a certificate on standard input", async () => {
    const [, two] = issued.leaves;
    if (!two) throw new Error("no leaves");
    const { config } = site.places;
    const command = `node_modules/.bin/node src/main.ts import issued - --config ${config} < ${two.certificate}`;
    mustRun("sh", ["-c", command]);
    await untilSays(issued, two.serialNumber, "good");
  });
});

describe("vouch reconcile", () => {
  it("tells what is on one side only and what differs, with exit 1, and sets the metrics", async () => {
    const [one, two] = issued.leaves;
    if (!one || !two) throw new Error("no leaves");
    // `one` is revoked by now, and good in the CA's register.
    writeFileSync(join(site.places.folder, "index.txt"), readFileSync(issued.index));
    const index = join(site.places.folder, "index.txt");
    const differing = await site.vouch(["reconcile", "issued", index], { json: true });
    expect([differing.code, differing.json]).toEqual([
      1,
      {
        ...{ issuer: "issued", records: 2, listed: 2 },
        missingHere: { count: 0, named: [] },
        missingThere: { count: 0, named: [] },
        differing: {
          count: 1,
          named: [{ serialNumber: one.serialNumber, here: "revoked", there: "good" }],
        },
      },
    ]);
    const serials = join(site.places.folder, "serials.txt");
    writeFileSync(serials, `${one.serialNumber}\nabcdef\n`);
    const args = ["reconcile", "issued", serials, "--format", "serials"];
    const missing = await site.vouch(args, { json: true });
    expect([missing.code, missing.json]).toMatchObject([
      1,
      {
        missingHere: { count: 1, named: ["abcdef"] },
        missingThere: { count: 1, named: [two.serialNumber] },
        differing: { count: 0 },
      },
    ]);
    const metrics = (await request(`${daemon.opsUrl}/metrics`)).body.toString();
    expect(metrics).toMatch(/vouch_reconcile_differences\{issuer="issued",kind="missingHere"\} 1/);
    writeFileSync(serials, `${two.serialNumber}\n${one.serialNumber}\n`);
    // Seen for what it is, too.
    const same = await site.vouch(args.slice(0, 3));
    expect([same.code, same.stdout]).toEqual([0, expect.stringMatching(/records here +2/)]);
  });
});
