import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { ocspRequest, ocspSays } from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { expectRefusal } from "../support/shapes.ts";
import { type Site, startSite } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

let site: Site;
let serialNumbers: string[];
const UNKNOWN = "deadbeef01";

beforeAll(async () => {
  const pki = makePki({ algorithm: "ec", leaves: 2 });
  serialNumbers = pki.leaves.map((leaf) => leaf.serialNumber);
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
});

afterAll(async () => {
  await site?.close();
});

function leaf(number: number): string {
  return serialNumbers[number] ?? "";
}

function asks(serialNumber: string): Buffer {
  const [issuer] = site.issuers;
  if (issuer === undefined) throw new Error("no issuer");
  return ocspRequest(issuer.pki, serialNumber);
}

function revoke(...args: string[]): Promise<VouchEnded> {
  return site.vouch(["revoke", "gov-1", ...args], { json: true });
}

async function status(serialNumber: string): Promise<CertificateStatus> {
  return (await site.vouch(["status", "gov-1", serialNumber], { json: true })).json;
}

describe("revoke refuses", () => {
  it("an unknown serial number, and says what to do", async () => {
    const done = await revoke(UNKNOWN, "--reason", "superseded");
    expect(done.code).toBe(1);
    expect(expectRefusal(done.json, "unknownCertificate")).toMatch(/import/);
    expect((await status(UNKNOWN)).status).toBe("unissued");
  });

  it("an issuer that is not configured", async () => {
    const done = await site.vouch(["revoke", "gov-9", leaf(0), "--reason", "superseded"], {
      json: true,
    });
    expect(done.code).toBe(1);
    expectRefusal(done.json, "unknownIssuer");
  });

  it.each([
    ["no reason", []],
    ["a reason that does not exist", ["--reason", "boredom"]],
    ["an option that does not exist", ["--reason", "superseded", "--force"]],
  ])("%s: usage, exit 2", async (_what, args) => {
    const done = await revoke(leaf(0), ...args);
    expect(done.code).toBe(2);
    expect(done.json.error.code).toMatch(/^(usage|reasonRefused)$/);
  });

  it("a text that is no serial number: exit 2 or a file that cannot be read", async () => {
    const done = await revoke("xyz", "--reason", "superseded");
    expect([1, 2]).toContain(done.code);
    expect(done.json.error.code).toMatch(/^(usage|badFile)$/);
  });

  it.each([
    ["certificateHold", /vouch hold/],
    ["removeFromCRL", /vouch release/],
  ])("%s, with the command to use", async (reason, command) => {
    const done = await revoke(leaf(0), "--reason", reason);
    expect([1, 2]).toContain(done.code);
    expect(expectRefusal(done.json, "reasonRefused")).toMatch(command);
  });

  it.each(["--at", "--invalidity-date"])(
    "%s in the future, and what is no time",
    async (option) => {
      const future = new Date(Date.now() + 3_600_000).toISOString();
      for (const time of [future, "yesterday", "2026-02-30T00:00:00Z"]) {
        const done = await revoke(leaf(0), "--reason", "superseded", option, time);
        expect([1, 2]).toContain(done.code);
        expect([time, done.json.error?.code]).toEqual([time, "badTime"]);
      }
    },
  );

  it("and after all these the certificate is good", async () => {
    expect(await status(leaf(0))).toMatchObject({ status: "good", certStatus: "good" });
    expect(await ocspSays(site.daemon.url, asks(leaf(0)))).toBe("good");
  });
});
