import { describe, expect, it } from "vitest";
import { ocspSays } from "../support/ocsp-client.ts";
import { oneIssuer } from "../support/one-issuer.ts";
import { expectRefusal } from "../support/shapes.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

const gov = await oneIssuer(2, "all");
const UNKNOWN = "deadbeef01";

function revoke(...args: string[]): Promise<VouchEnded> {
  return gov.run("revoke", ...args);
}

describe("revoke refuses", () => {
  it("an unknown serial number, and says what to do", async () => {
    const done = await revoke(UNKNOWN, "--reason", "superseded");
    expect(done.code).toBe(1);
    expect(expectRefusal(done.json, "unknownCertificate")).toMatch(/import/);
    expect((await gov.status(UNKNOWN)).status).toBe("unissued");
  });

  it("an issuer that is not configured", async () => {
    const done = await gov.site.vouch(
      ["revoke", "gov-9", gov.serial(0), "--reason", "superseded"],
      {
        json: true,
      },
    );
    expect(done.code).toBe(1);
    expectRefusal(done.json, "unknownIssuer");
  });

  it.each([
    ["no reason", []],
    ["a reason that does not exist", ["--reason", "boredom"]],
    ["an option that does not exist", ["--reason", "superseded", "--force"]],
  ])("%s: usage, exit 2", async (_what, args) => {
    const done = await revoke(gov.serial(0), ...args);
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
    const done = await revoke(gov.serial(0), "--reason", reason);
    expect([1, 2]).toContain(done.code);
    expect(expectRefusal(done.json, "reasonRefused")).toMatch(command);
  });

  it.each(["--at", "--invalidity-date"])(
    "%s in the future, and what is no time",
    async (option) => {
      const future = new Date(Date.now() + 3_600_000).toISOString();
      for (const time of [future, "yesterday", "2026-02-30T00:00:00Z"]) {
        const done = await revoke(gov.serial(0), "--reason", "superseded", option, time);
        expect([1, 2]).toContain(done.code);
        expect([time, done.json.error?.code]).toEqual([time, "badTime"]);
      }
    },
  );

  it("and after all these the certificate is good", async () => {
    expect(await gov.status(gov.serial(0))).toMatchObject({
      status: "good",
      certStatus: "good",
    });
    expect(await ocspSays(gov.url, gov.asks(gov.serial(0)))).toBe("good");
  });
});
