import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { initFolder } from "../../src/setup/init.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { vouch } from "../support/vouch-cli.ts";
import { found, issueSigner, type PlantedSetup, plantedSetup } from "./planted.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aSetup(...options: Parameters<typeof plantedSetup>): Promise<PlantedSetup> {
  const setup = await plantedSetup(...options);
  cleanUps.push(setup.remove);
  return setup;
}

const sound: Parameters<typeof plantedSetup>[0] = (pki) => ({
  ocsp: { signers: [issueSigner(pki)] },
});

describe("a sound set-up", () => {
  it("passes with the daemon down: exit 0, no problem, no warning", async () => {
    const { places } = await aSetup(sound);
    const done = await vouch(["check"], { config: places.config, json: true });
    expect(done).toMatchObject({ code: 0, stderr: "", json: { ok: true, problems: [] } });
  });

  it("says ok and the file to people", async () => {
    const { places } = await aSetup(sound);
    const done = await vouch(["check"], { config: places.config });
    expect(done).toMatchObject({ code: 0, stdout: `ok: ${places.config}\n` });
  });

  it("passes with the daemon up, which goes on", async () => {
    const { places } = await aSetup(sound);
    const daemon: Daemon = await startDaemon(places);
    cleanUps.push(() => daemon.kill9());
    for (let times = 0; times < 3; times++) {
      const done = await vouch(["check"], { config: places.config, json: true });
      expect(done).toMatchObject({ code: 0, json: { ok: true, problems: [] } });
    }
    const issued = await vouch(["crl", "issue", "gov-1"], { config: places.config, json: true });
    expect(issued.code).toBe(0);
    expect(await daemon.stop()).toBe(0);
  });

  it("the demo passes as init made it", async () => {
    const folder = tempFolder();
    cleanUps.push(() => removeFolder(folder));
    const { config } = await initFolder(folder, { demo: true });
    const done = await vouch(["check"], { config, json: true });
    expect(done).toMatchObject({ code: 0, stderr: "", json: { ok: true, problems: [] } });
  });
});

describe("configuration", () => {
  it("a fresh folder's check names the files that are to be put there", async () => {
    const folder = tempFolder();
    cleanUps.push(() => removeFolder(folder));
    const { config } = await initFolder(folder, { demo: false });
    const done = await vouch(["check"], { config, json: true });
    expect(done.code).toBe(2);
    const missing = join(folder, "config", "pki", "gov-1.pem");
    expect(found(done.json.problems, "issuer gov-1", missing)?.do).toContain("put the certificate");
  });

  it("a file with faults: each of them, and nothing else is looked at", async () => {
    const { places, check } = await aSetup(sound);
    writeFileSync(places.config, "colour: red\nresponders: none\n");
    const { ok, problems } = await check();
    expect(ok).toBe(false);
    expect(found(problems, places.config, "colour")).toBeDefined();
    expect(found(problems, places.config, "responders")).toBeDefined();
  });

  it("a file with faults: what its sound part names is looked at in the same run", async () => {
    const { places, check } = await aSetup(sound);
    const text = readFileSync(places.config, "utf8").replace(
      /signers:[\s\S]*?key: .*\n/,
      (signers: string) => signers.replace(/key: .*\n/, "key: none.key\n"),
    );
    const more = "  - name: gov-2\n    certificate: none.pem\n    ocsp: { signers: [] }\n";
    writeFileSync(places.config, `${text}${more}colour: red\nresponders: none\n`);
    const { ok, problems } = await check();
    expect(ok).toBe(false);
    for (const words of [["colour"], ["responders"], ["gov-1", "none.key"]]) {
      expect(found(problems, ...words), JSON.stringify(problems)).toBeDefined();
    }
  });

  it("its warnings are passed on, and do not fail the check", async () => {
    const short: typeof sound = (pki) => ({
      ocsp: { signers: [issueSigner(pki)], validity: "1h" },
    });
    const { places, check } = await aSetup(short);
    const { ok, warnings } = await check();
    expect(ok).toBe(true);
    expect(found(warnings, "validity", "4.9.9")).toBeDefined();
    const done = await vouch(["check"], { config: places.config, json: true });
    expect(done).toMatchObject({ code: 0, json: { ok: true, problems: [] } });
    expect(done.stderr).toContain("warning: ");
  });
});
