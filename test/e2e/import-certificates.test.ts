import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { untilOcspSays } from "../support/ocsp-client.ts";
import { oneIssuer } from "../support/one-issuer.ts";
import { makePki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { expectKeys, expectRefusal, IMPORT_KEYS } from "../support/shapes.ts";
import type { VouchEnded } from "../support/vouch-cli.ts";

const gov = await oneIssuer(9, "nothing");
const other = makePki({ algorithm: "ec", leaves: 9, name: "Some Other CA" });
afterAll(() => other.remove());

function importFiles(...args: string[]): Promise<VouchEnded> {
  return gov.run("import", ...args);
}

describe("certificates", () => {
  it("PEM, and again: all unchanged; OCSP says good", async () => {
    const done = await importFiles(gov.leaf(0).certificate);
    expect(done.code).toBe(0);
    expectKeys(done.json, IMPORT_KEYS);
    expect(done.json).toEqual({ read: 1, added: 1, unchanged: 0, changed: 0, bad: [] });
    await untilOcspSays(gov.url, gov.asks(gov.serial(0)), "good");
    const again = await importFiles(gov.leaf(0).certificate, "--format", "certs");
    expect(again.code).toBe(0);
    expect(again.json).toEqual({ read: 1, added: 0, unchanged: 1, changed: 0, bad: [] });
  });

  it("knows the certificate's notAfter", async () => {
    const end = mustRun("openssl", ["x509", "-in", gov.leaf(0).certificate, "-noout", "-enddate"]);
    const { notAfter } = await gov.status(gov.serial(0));
    expect(Date.parse(notAfter ?? "")).toBe(Date.parse(end.replace("notAfter=", "")));
  });

  it("DER", async () => {
    const der = join(gov.folder, "leaf.der");
    mustRun("openssl", ["x509", "-in", gov.leaf(1).certificate, "-outform", "DER", "-out", der]);
    expect((await importFiles(der)).json).toMatchObject({ read: 1, added: 1, bad: [] });
    expect((await gov.status(gov.serial(1))).status).toBe("good");
  });

  it("of a subordinate CA, as any other: good, then revoked for cACompromise", async () => {
    const { pki } = gov;
    const at = (name: string): string => join(gov.folder, name);
    const extensions = gov.file("ca.ext", "[ca]\nbasicConstraints = critical, CA:TRUE\n");
    const request = ["-newkey", "rsa:2048", "-noenc", "-keyout", at("sub.key"), "-subj", "/CN=Sub"];
    mustRun("openssl", ["req", ...request, "-out", at("sub.csr")]);
    const ca = [
      "-CA",
      pki.caCertificate,
      "-CAkey",
      pki.caKey,
      "-set_serial",
      "0x5ca",
      "-days",
      "9",
    ];
    const made = ["-extfile", extensions, "-extensions", "ca", "-out", at("sub.pem")];
    mustRun("openssl", ["x509", "-req", "-in", at("sub.csr"), ...ca, ...made]);
    expect((await importFiles(at("sub.pem"))).json).toMatchObject({ read: 1, added: 1, bad: [] });
    await untilOcspSays(gov.url, gov.asks("5ca"), "good");
    await gov.run("revoke", at("sub.pem"), "--reason", "cACompromise");
    await untilOcspSays(gov.url, gov.asks("5ca"), "revoked");
    expect(await gov.status("5ca")).toMatchObject({
      certStatus: "revoked",
      reason: "cACompromise",
    });
  });

  it("a bundle, with text between, and several files at once", async () => {
    const texts = [2, 3].map((number) => readFileSync(gov.leaf(number).certificate, "utf8"));
    const bundle = gov.file("bundle.pem", `subject=/CN=x\n${texts.join("\nissuer=/CN=y\n")}`);
    const done = await importFiles(bundle, gov.leaf(4).certificate);
    expect(done.json).toMatchObject({ read: 3, added: 3, bad: [] });
  });

  it("a folder", async () => {
    for (const number of [5, 6])
      cpSync(gov.leaf(number).certificate, join(gov.folder, `${number}.pem`));
    const done = await importFiles(gov.folder);
    expect(done.code).toBe(0);
    expect(done.json).toMatchObject({ read: 2, added: 2, bad: [] });
  });

  it("of another CA is refused by name; the rest goes in", async () => {
    const foreign = other.leaves[8];
    const done = await importFiles(foreign?.certificate ?? "", gov.leaf(7).certificate);
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 1, bad: [{ file: foreign?.certificate, line: 1 }] });
    expect(done.json.bad[0].message).toContain("Some Other CA");
    expect((await gov.status(foreign?.serialNumber ?? "")).status).toBe("unissued");
  });

  it("of a CA with the same name and another key is refused", async () => {
    const impostor = makePki({ algorithm: "ec", leaves: 9 });
    const done = await importFiles(impostor.leaves[8]?.certificate ?? "");
    impostor.remove();
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, bad: [{ line: 1 }] });
    expect((await gov.status(gov.serial(8))).status).toBe("unissued");
  });

  it("that is cut short is bad, with its line", async () => {
    const lines = readFileSync(gov.leaf(8).certificate, "utf8").trimEnd().split("\n");
    const cut = [...lines.slice(0, 3), ...lines.slice(-1)].join("\n");
    const done = await importFiles(gov.file("cut.pem", `# a comment\n${cut}\n`));
    expect(done.code).toBe(1);
    expect(done.json).toMatchObject({ added: 0, bad: [{ line: 2 }] });
    expect((await gov.status(gov.serial(8))).status).toBe("unissued");
  });
});

it("an issuer that is not configured is refused", async () => {
  const done = await gov.site.vouch(["import", "gov-9", gov.leaf(0).certificate], { json: true });
  expect(done.code).toBe(1);
  expectRefusal(done.json, "unknownIssuer");
});
