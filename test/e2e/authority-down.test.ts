import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { authorityUnder } from "../support/processes.ts";
import { prepareSite, type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

describe("serve, when its authority is killed", () => {
  let site: Site;
  let pki: Pki;

  beforeAll(async () => {
    pki = makePki({ algorithm: "ec", leaves: 3 });
    site = await startSite({ issuers: [{ name: "gov-1", pki }] });
  });

  afterAll(async () => {
    await site?.close();
  });

  it("goes on answering, and replaces it", async () => {
    const [first, second] = pki.leaves.map((leaf) => leaf.serialNumber);
    const der = ocspRequest(pki, first ?? "");
    const killed = authorityUnder(site.daemon.pid);
    if (killed === undefined) throw new Error("no process has the store open for writing");
    process.kill(killed, "SIGKILL");
    for (let count = 0; count < 50; count++) {
      expect(await ocspSays(site.daemon.url, der)).toBe("good");
    }
    const isReplaced = (): boolean => {
      const now = authorityUnder(site.daemon.pid);
      return now !== undefined && now !== killed;
    };
    await until(isReplaced, { what: "another authority" });
    const revoke = ["revoke", "gov-1", second ?? "", "--reason", "superseded"];
    await until(async () => (await site.vouch(revoke)).code === 0, {
      what: "revoke to work again",
    });
    await untilOcspSays(site.daemon.url, ocspRequest(pki, second ?? ""), "revoked");
  });
});

describe("an authority and a responder of their own", () => {
  let site: Omit<Site, "daemon">;
  let pki: Pki;
  let authority: Daemon;
  let responder: Daemon;

  beforeAll(async () => {
    pki = makePki({ algorithm: "ec", leaves: 2 });
    site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
    authority = await startDaemon(site.places, { command: "authority" });
    const opsPort = await freePort();
    const args = ["--ops", `127.0.0.1:${opsPort}`];
    responder = await startDaemon(site.places, { command: "responder", args, opsPort });
    const done = await site.vouch(["import", "gov-1", pki.index, "--format", "index"]);
    expect(done.code).toBe(0);
  });

  afterAll(async () => {
    await responder?.stop();
    await authority?.kill9();
    await site?.close();
  });

  it("answer what was imported and revoked", async () => {
    const [first, second] = pki.leaves.map((leaf) => leaf.serialNumber);
    await untilOcspSays(responder.url, ocspRequest(pki, second ?? ""), "good");
    const done = await site.vouch(["revoke", "gov-1", second ?? "", "--reason", "superseded"]);
    expect(done.code).toBe(0);
    await untilOcspSays(responder.url, ocspRequest(pki, second ?? ""), "revoked");
    expect(await ocspSays(responder.url, ocspRequest(pki, first ?? ""))).toBe("good");
  });

  it("the authority ends with 0; OCSP goes on, and commands exit 4", async () => {
    const [first] = pki.leaves.map((leaf) => leaf.serialNumber);
    expect(await authority.stop()).toBe(0);
    expect(await ocspSays(responder.url, ocspRequest(pki, first ?? ""))).toBe("good");
    for (const args of [
      ["revoke", "gov-1", first ?? "", "--reason", "superseded"],
      ["status", "gov-1", first ?? ""],
      ["crl", "issue", "gov-1"],
      ["stats"],
      ["reload"],
    ]) {
      const done = await site.vouch(args, { json: true });
      expect([args[0], done.code]).toEqual([args[0], 4]);
      expect(done.json.error).toMatchObject({
        code: "authorityUnreachable",
        do: expect.stringMatching(/\S/),
      });
    }
    expect(await ocspSays(responder.url, ocspRequest(pki, first ?? ""))).toBe("good");
  });

  it("the responder, alone, ends with 0", async () => {
    expect(await responder.stop()).toBe(0);
  });
});
