import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { ocspRequest, untilOcspSays } from "../support/ocsp-client.ts";
import { type Leaf, makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { expectKeys, expectRefusal, IMPORT_KEYS } from "../support/shapes.ts";
import { prepareSite, type Site } from "../support/site.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

let pki: Pki;
let other: Pki;
let site: Omit<Site, "daemon">;
let daemon: Daemon;
let folder: string;
let folders = 0;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 9 });
  other = makePki({ algorithm: "ec", leaves: 9, name: "Some Other CA" });
  site = await prepareSite({ issuers: [{ name: "gov-1", pki }] });
  daemon = await startDaemon(site.places);
});

afterAll(async () => {
  other?.remove();
  await daemon?.stop().finally(() => site.close());
});

beforeEach(() => {
  folder = join(site.places.folder, `import-${folders++}`);
  mkdirSync(folder);
});

function leaf(number: number): Leaf {
  const found = pki.leaves[number];
  if (found === undefined) throw new Error(`no leaf ${number}`);
  return found;
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function importFiles(...args: string[]): Promise<VouchEnded> {
  return site.vouch(["import", "gov-1", ...args], { json: true });
}

async function status(serialNumber: string): Promise<CertificateStatus> {
  return (await site.vouch(["status", "gov-1", serialNumber], { json: true })).json;
}

describe("certificates", () => {
  it("PEM, and again: all unchanged; OCSP says good", async () => {
    const done = await importFiles(leaf(0).certificate);
    expect(done.code).toBe(0);
    expectKeys(done.json, IMPORT_KEYS);
    expect(done.json).toEqual({ read: 1, added: 1, unchanged: 0, changed: 0, bad: [] });
    await untilOcspSays(daemon.url, ocspRequest(pki, leaf(0).serialNumber), "good");
    const again = await importFiles(leaf(0).certificate, "--format", "certs");
    expect(again.code).toBe(0);
    expect(again.json).toEqual({ read: 1, added: 0, unchanged: 1, changed: 0, bad: [] });
  });

  it("knows the certificate's notAfter", async () => {
    const end = mustRun("openssl", ["x509", "-in", leaf(0).certificate, "-noout", "-enddate"]);
    const { notAfter } = await status(leaf(0).serialNumber);
    expect(Date.parse(notAfter ?? "")).toBe(Date.parse(end.replace("notAfter=", "")));
  });

  it("DER", async () => {
    const der = join(folder, "leaf.der");
    mustRun("openssl", ["x509", "-in", leaf(1).certificate, "-outform", "DER", "-out", der]);
    expect((await importFiles(der)).json).toMatchObject({ read: 1, added: 1, bad: [] });
    expect((await status(leaf(1).serialNumber)).status).toBe("good");
  });

  it("a bundle, with text between, and several files at once", async () => {
    const texts = [2, 3].map((number) => readFileSync(leaf(number).certificate, "utf8"));
    const bundle = file("bundle.pem", `subject=/CN=x\n${texts.join("\nissuer=/CN=y\n")}`);
    const done = await importFiles(bundle, leaf(4).certificate);
    expect(done.json).toMatchObject({ read: 3, added: 3, bad: [] });
  });

  it("a folder", async () => {
    for (const number of [5, 6]) cpSync(leaf(number).certificate, join(folder, `${number}.pem`));
    const done = await importFiles(folder);
    expect(done.code).toBe(0);
    expect(done.json).toMatchObject({ read: 2, added: 2, bad: [] });
  });

  it("of another CA is refused by name; the rest goes in", async () => {
    const foreign = other.leaves[8];
    const done = await importFiles(foreign?.certificate ?? "", leaf(7).certificate);
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 1, bad: [{ file: foreign?.certificate, line: 1 }] });
    expect(done.json.bad[0].message).toContain("Some Other CA");
    expect((await status(foreign?.serialNumber ?? "")).status).toBe("unissued");
  });

  it("of a CA with the same name and another key is refused", async () => {
    const impostor = makePki({ algorithm: "ec", leaves: 9 });
    const done = await importFiles(impostor.leaves[8]?.certificate ?? "");
    impostor.remove();
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, bad: [{ line: 1 }] });
    expect((await status(leaf(8).serialNumber)).status).toBe("unissued");
  });

  it("that is cut short is bad, with its line", async () => {
    const lines = readFileSync(leaf(8).certificate, "utf8").trimEnd().split("\n");
    const cut = [...lines.slice(0, 3), ...lines.slice(-1)].join("\n");
    const done = await importFiles(file("cut.pem", `# a comment\n${cut}\n`));
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, bad: [{ line: 2 }] });
    expect((await status(leaf(8).serialNumber)).status).toBe("unissued");
  });
});

it("an issuer that is not configured is refused", async () => {
  const done = await site.vouch(["import", "gov-9", leaf(0).certificate], { json: true });
  expect(done.code).toBe(1);
  expectRefusal(done.json, "unknownIssuer");
});
