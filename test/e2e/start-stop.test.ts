import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import { ocspPath, ocspRequest, ocspSays, onlyStatus } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { descendants } from "../support/processes.ts";
import { type RawResponse, rawConnection } from "../support/raw-http.ts";
import { prepareSite, type Site, startSite } from "../support/site.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { vouch } from "../support/vouch-cli.ts";
import { choosePlaces, vouchDocument, writeVouchFile } from "../support/vouch-file.ts";

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aSite(): Promise<{ site: Site; pki: Pki; get: string }> {
  const pki = makePki({ algorithm: "ec", leaves: 1 });
  const site = await startSite({ issuers: [{ name: "gov-1", pki }] });
  cleanUps.push(() => site.close());
  const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
  return { site, pki, get: `GET ${ocspPath(der)} HTTP/1.1\r\nHost: ocsp.test\r\n\r\n` };
}

describe("SIGTERM", () => {
  it("ends serve with 0, and everything below it", async () => {
    const { site } = await aSite();
    const below = descendants(site.daemon.pid);
    expect(below.length).toBeGreaterThanOrEqual(2);
    expect(await site.daemon.stop()).toBe(0);
    for (const pid of below) expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
  });

  it("connections that are open get their next request answered with Connection: close", async () => {
    const { site, get } = await aSite();
    const [first, second] = await Promise.all(
      [1, 2].map(() => rawConnection(site.places.publicPort)),
    );
    if (first === undefined || second === undefined) throw new Error("no connections");
    for (const connection of [first, second]) {
      connection.write(get);
      const answer = await connection.next();
      expect(answer.headers.get("connection") ?? "keep-alive").toBe("keep-alive");
    }
    site.daemon.signal("SIGTERM");
    for (const connection of [first, second]) {
      const lastAnswer = async (): Promise<RawResponse | false> => {
        connection.write(get);
        const answer = await connection.next();
        return answer.headers.get("connection") === "close" && answer;
      };
      const answer = await until(lastAnswer, { what: "the last answer", every: 100 });
      expect(onlyStatus(answer.body).certStatus).toBe("good");
      expect(await connection.closed()).toBe("closed");
      connection.destroy();
    }
    expect(await site.daemon.ended).toBe(0);
  });

  it("a request that has begun is answered", async () => {
    const { site, get } = await aSite();
    const connection = await rawConnection(site.places.publicPort);
    connection.write(get.slice(0, 40));
    await until(
      async () => {
        const { body } = await request(`${site.daemon.opsUrl}/metrics`);
        return body.toString().includes("\nvouch_connections 1\n");
      },
      { what: "the connection to be accepted" },
    );
    site.daemon.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 500));
    connection.write(get.slice(40));
    expect(onlyStatus((await connection.next()).body).certStatus).toBe("good");
    connection.destroy();
    expect(await site.daemon.ended).toBe(0);
  });

  it("idle connections hold it up for some seconds only", async () => {
    const { site, get } = await aSite();
    const idle = await rawConnection(site.places.publicPort);
    idle.write(get);
    await idle.next();
    const before = performance.now();
    expect(await site.daemon.stop()).toBe(0);
    // Idle connections of a daemon that is not asked to end are kept for 15 s.
    expect(performance.now() - before).toBeLessThan(14_000);
    idle.destroy();
  });

  it("started again, it answers what it knew", async () => {
    const { site, pki } = await aSite();
    expect(await site.daemon.stop()).toBe(0);
    const again = await startDaemon(site.places);
    cleanUps.push(() => again.kill9());
    const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
    expect(await ocspSays(again.url, der)).toBe("good");
    expect(await again.stop()).toBe(0);
  });
});

describe("a second authority on the same store", () => {
  it("is refused with alreadyRunning; the first goes on", async () => {
    const { site, pki } = await aSite();
    const places = { ...(await choosePlaces(site.places.folder)), data: site.places.data };
    const second = {
      ...places,
      config: join(places.folder, "second.yaml"),
      admin: join(places.folder, "second.sock"),
      liveSign: join(places.folder, "second-live.sock"),
    };
    writeVouchFile(second.config, vouchDocument(second, site.issuers));
    for (const command of ["authority", "serve"]) {
      const done = await vouch([command, "--json"], { config: second.config });
      expect([command, done.code]).toEqual([command, 1]);
      expect(`${done.stdout}${done.stderr}`).toContain("alreadyRunning");
    }
    const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
    expect(await ocspSays(site.daemon.url, der)).toBe("good");
    expect((await site.vouch(["stats"])).code).toBe(0);
  });
});

describe("an address that another process has", () => {
  it.each(["serve", "authority", "responder"])(
    "ends %s with 1, and what to do",
    async (command) => {
      const { site } = await aSite();
      const { opsPort } = site.places;
      const isLone = command === "responder";
      const other = isLone ? site.places : await choosePlaces(tempFolder());
      if (!isLone) cleanUps.push(() => removeFolder(other.folder));
      const config = join(other.folder, "other.yaml");
      const places = { ...other, config, opsPort };
      writeVouchFile(config, vouchDocument(places, site.issuers));
      expect((await vouch(["init"], { config })).code).toBe(0);
      const done = await vouch([command], { config });
      expect(done.code).toBe(1);
      expect(done.stderr).toContain(
        isLone ? "public.http: 127.0.0.1:" : `ops: 127.0.0.1:${opsPort}`,
      );
      expect(done.stderr).toContain("is in use by another process");
    },
  );
});

describe("what cannot start", () => {
  async function aFile(text?: string): Promise<string> {
    const pki = makePki({ algorithm: "ec", leaves: 0 });
    const places = await choosePlaces(tempFolder());
    cleanUps.push(() => removeFolder(places.folder), pki.remove);
    writeVouchFile(places.config, text ?? vouchDocument(places, [{ name: "gov-1", pki }]));
    return places.config;
  }

  it("a missing store: exit 2, names `vouch init`, and makes none", async () => {
    const config = await aFile();
    const done = await vouch(["serve"], { config });
    expect(done.code).toBe(2);
    expect(`${done.stdout}${done.stderr}`).toContain("vouch init");
    expect(existsSync(join(config, "../var"))).toBe(false);
  });

  it("a missing configuration file: exit 2, with its path", async () => {
    const done = await vouch(["serve"], { config: "/nowhere/vouch.yaml" });
    expect(done.code).toBe(2);
    expect(`${done.stdout}${done.stderr}`).toContain("/nowhere/vouch.yaml");
  });

  it("YAML that is none: exit 2, with the line", async () => {
    const config = await aFile("data: var\npublic: { http: \n  - nothing\n: :\n");
    const done = await vouch(["serve"], { config });
    expect(done.code).toBe(2);
    expect(`${done.stdout}${done.stderr}`).toMatch(/line \d|:\d+/);
  });

  const BAD = [
    "data: var",
    'public: { http: "127.0.0.1:99999" }',
    "colour: blue",
    "responders: -1",
    "issuers:",
    "  - name: gov-1",
    "    certificate: missing.pem",
    "    ocsp: { validity: 5 minutes, signers: [] }",
    "",
  ].join("\n");

  it("a bad configuration: exit 2, with all its problems at once", async () => {
    const config = await aFile(BAD);
    const done = await vouch(["serve"], { config });
    expect(done.code).toBe(2);
    const said = `${done.stdout}${done.stderr}`;
    for (const where of ["public.http", "colour", "responders", "validity", "signers"]) {
      expect(said).toContain(where);
    }
  });

  it("`check --json` lists the same problems, each with what to do", async () => {
    const done = await vouch(["check"], { config: await aFile(BAD), json: true });
    expect(done.code).toBe(2);
    expect(done.json.ok).toBe(false);
    expect(done.json.problems.length).toBeGreaterThanOrEqual(5);
    for (const problem of done.json.problems) {
      expect(Object.keys(problem).sort()).toEqual(["do", "problem", "where"]);
      expect(problem.do).toMatch(/\S/);
    }
  });

  it("`check` passes a good configuration, with the daemon down", async () => {
    const pki = makePki({ algorithm: "ec", leaves: 1 });
    const site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
    cleanUps.push(() => site.close());
    const done = await site.vouch(["check"], { json: true });
    expect(done.json).toMatchObject({ ok: true });
    expect(done.code).toBe(0);
  });

  it("a signer whose key is another's is named: exit 2", async () => {
    const pki = makePki({ algorithm: "ec", leaves: 0 });
    const other = makePki({ algorithm: "ec", leaves: 0 });
    const places = await choosePlaces(tempFolder());
    cleanUps.push(() => removeFolder(places.folder), pki.remove, other.remove);
    const signers = [{ certificate: pki.signer.certificate, key: other.signer.key }];
    const issuers = [{ name: "gov-1", pki, ocsp: { signers } }];
    writeVouchFile(places.config, vouchDocument(places, issuers));
    const done = await vouch(["check"], { config: places.config, json: true });
    expect(done.code).toBe(2);
    expect(JSON.stringify(done.json.problems)).toContain("signers");
  });
});

it("init --config never overwrites: a second run keeps the store", async () => {
  const { site, pki } = await aSite();
  expect(await site.daemon.stop()).toBe(0);
  writeFileSync(join(site.places.data, "mine.txt"), "mine");
  await site.vouch(["init"]);
  expect(existsSync(join(site.places.data, "mine.txt"))).toBe(true);
  const again = await startDaemon(site.places);
  cleanUps.push(() => again.kill9());
  const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
  await until(async () => (await ocspSays(again.url, der)) === "good", { what: "good" });
});
