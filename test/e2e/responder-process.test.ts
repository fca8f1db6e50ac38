import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ocspPath, ocspRequest, onlyStatus, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { argumentsOf, openFiles, respondersUnder } from "../support/processes.ts";
import { rawConnection } from "../support/raw-http.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

let site: Site;
let pki: Pki;
let der: Buffer;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  site = await startSite({ issuers: [{ name: "gov-1", pki }], more: { responders: 2 } });
  der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
});

afterAll(async () => {
  await site?.close();
});

/** A request on a connection of its own, which may have to wait for a responder. */
async function ask(): Promise<string> {
  const connection = await rawConnection(site.places.publicPort);
  connection.write(`GET ${ocspPath(der)} HTTP/1.1\r\nHost: ocsp.test\r\nConnection: close\r\n\r\n`);
  const { body } = await connection.next().finally(() => connection.destroy());
  return onlyStatus(body).certStatus;
}

describe("a responder", () => {
  it("runs under the permission model, as often as configured", () => {
    expect(respondersUnder(site.daemon.pid)).toHaveLength(2);
  });

  it("may not read any key, start a process or write a file", () => {
    for (const pid of respondersUnder(site.daemon.pid)) {
      const args = argumentsOf(pid);
      expect(args).not.toContain("--allow-child-process");
      expect(args).not.toContain("--allow-worker");
      expect(args.filter((arg) => arg.startsWith("--allow-fs-write"))).toEqual([]);
      const readable = allowedToRead(args);
      expect(readable.length).toBeGreaterThan(0);
      for (const key of [pki.caKey, pki.signer.key, pki.folder]) {
        expect(readable.filter((path) => path === "*" || key.startsWith(path))).toEqual([]);
      }
    }
  });

  it("has no key open, and the store for reading only", () => {
    for (const pid of respondersUnder(site.daemon.pid)) {
      const files = openFiles(pid);
      expect(files.filter(({ path }) => path.startsWith(pki.folder))).toEqual([]);
      const store = files.filter(({ path }) => path.endsWith("data.mdb"));
      expect(store.length).toBeGreaterThan(0);
      expect(store.filter(({ writable }) => writable)).toEqual([]);
    }
  });

  it("that is killed is replaced, and what connects meanwhile is answered", async () => {
    const killed = respondersUnder(site.daemon.pid);
    for (const pid of killed) process.kill(pid, "SIGKILL");
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(new Set(answers)).toEqual(new Set(["good"]));
    const replaced = await until(
      () => {
        const now = respondersUnder(site.daemon.pid);
        return now.length === 2 && now;
      },
      { what: "two responders" },
    );
    expect(replaced.filter((pid) => killed.includes(pid))).toEqual([]);
  });

  it("that was replaced sees a revocation at once", async () => {
    const [leaf] = pki.leaves;
    const revoke = ["revoke", "gov-1", leaf?.serialNumber ?? "", "--reason", "superseded"];
    expect((await site.vouch(revoke)).code).toBe(0);
    await untilOcspSays(site.daemon.url, der, "revoked");
    for (let count = 0; count < 10; count++) expect(await ask()).toBe("revoked");
  });
});

/** The folders and files after each `--allow-fs-read`, without a star at the end. */
function allowedToRead(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg === "--allow-fs-read") return [(args[index + 1] ?? "").replace(/(?<=.)\*$/, "")];
    if (!arg.startsWith("--allow-fs-read=")) return [];
    return [arg.slice("--allow-fs-read=".length).replace(/(?<=.)\*$/, "")];
  });
}
