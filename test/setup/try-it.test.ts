import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoFiles } from "../../src/setup/demo-files.ts";
import { makeDemoPki } from "../../src/setup/demo-pki.ts";
import { tryItLines } from "../../src/setup/try-it.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);
const folder = tempFolder();
const scratch = tempFolder();
let server: Server;
let issuers: readonly DemoFiles[];
let lines: string[];

/** OpenSSL's own responder and CRL behind the URLs, to show that the printed lines are whole. */
async function answer(request: IncomingMessage): Promise<Buffer> {
  if (request.url === "/metrics") return Buffer.from("up 1\n");
  if (request.method === "GET") return readFileSync(join(scratch, request.url ?? ""));
  const query = join(scratch, "request.der");
  writeFileSync(query, await buffer(request));
  // The request names its issuer by hash: the responder of the wrong one answers `unauthorized`.
  const responses = issuers.map(async ({ name, caFile, signerFile, signerKeyFile }) => {
    const out = join(scratch, `${name}.resp`);
    const signer = ["-rsigner", signerFile, "-rkey", signerKeyFile, "-ndays", "1"];
    const index = ["-index", join(scratch, `${name}.txt`), "-CA", caFile];
    await run("openssl", ["ocsp", ...index, ...signer, "-reqin", query, "-respout", out]);
    const text = await run("openssl", ["ocsp", "-respin", out, "-resp_text", "-noverify"]);
    return { der: readFileSync(out), known: /Cert Status: (good|revoked)/.test(text.stdout) };
  });
  const known = (await Promise.all(responses)).find((response) => response.known);
  return known?.der ?? Buffer.from("30030a0106", "hex");
}

function writeIndex({ name, goodFile, revokedFile }: DemoFiles): void {
  const serial = (file: string): string => new X509Certificate(readFileSync(file)).serialNumber;
  const good = ["V", "400101000000Z", "", serial(goodFile), "unknown", "/CN=good"];
  const at = "260101000000Z,keyCompromise";
  const revoked = ["R", "400101000000Z", at, serial(revokedFile), "unknown", "/CN=revoked"];
  writeFileSync(join(scratch, `${name}.txt`), `${good.join("\t")}\n${revoked.join("\t")}\n`);
}

function writeCrl({ name, caFile, keyFile }: DemoFiles): void {
  const config = join(scratch, `${name}.cnf`);
  const database = join(scratch, `${name}.txt`);
  writeFileSync(config, `[ca]\ndefault_ca=x\n[x]\ndatabase=${database}\ndefault_md=sha256\n`);
  const pem = join(scratch, `${name}.crl.pem`);
  const signer = ["-cert", caFile, "-keyfile", keyFile];
  mustRun("openssl", ["ca", "-config", config, "-gencrl", ...signer, "-crldays", "1", "-out", pem]);
  const out = join(scratch, "crl", `${name}.crl`);
  mustRun("openssl", ["crl", "-in", pem, "-outform", "DER", "-out", out]);
}

beforeAll(async () => {
  const now = Math.floor(Date.now() / 1000);
  ({ issuers } = await makeDemoPki(join(folder, "config", "pki"), { now }));
  mkdirSync(join(scratch, "crl"));
  for (const files of issuers) {
    writeIndex(files);
    writeCrl(files);
  }
  server = createServer((request, response) => {
    response.setHeader("content-type", "application/ocsp-response");
    answer(request).then(
      (body) => response.end(body),
      (error) => response.destroy(error),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const text = await tryItLines({ publicUrl: url, opsUrl: url, folder, issuers });
  lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
});
afterAll(() => {
  server.close();
  removeFolder(folder);
  removeFolder(scratch);
});

function linesWith(words: string): string[] {
  return lines.filter((line) => line.includes(words));
}

async function shell(line: string): Promise<string> {
  const { stdout, stderr } = await run("sh", ["-c", line], { cwd: folder });
  return stdout + stderr;
}

describe.each(["demo-ec", "demo-rsa"])(
  "what is printed for %s runs in the clone as it stands",
  (name) => {
    test.each(["good", "revoked"])("asking for the %s certificate", async (status) => {
      const [line = "", ...others] = linesWith(`-cert config/pki/${name}-${status}.pem`);
      expect(others).toEqual([]);
      const said = await shell(line);
      expect(said).toContain("Response verify OK");
      expect(said).toContain(`config/pki/${name}-${status}.pem: ${status}`);
    });

    test("reading the CRL", async () => {
      const [line = ""] = linesWith(`crl/${name}.crl`);
      expect(await shell(line)).toContain("Serial Number: ");
    });
  },
);

test("the metrics", async () => {
  expect(await shell(linesWith("metrics")[0] ?? "")).toBe("up 1\n");
});

test("status and revoke name the good certificate, which can then be asked for again", () => {
  const pem = readFileSync(join(folder, "config/pki/demo-ec-good.pem"));
  const serialNumber = new X509Certificate(pem).serialNumber.toLowerCase();
  expect(linesWith("vouch.js")).toEqual([
    `node src/vouch.js status demo-ec ${serialNumber}`,
    `node src/vouch.js revoke demo-ec ${serialNumber} --reason keyCompromise`,
  ]);
});

test("a file elsewhere, with a space in its path, is quoted", async () => {
  const [first] = issuers;
  if (!first) throw new Error("no issuers");
  const demo = {
    publicUrl: "http://h/",
    opsUrl: "http://h/",
    folder: join(folder, "a"),
    issuers: [{ ...first, caFile: join(folder, "it's here", "ca.pem") }],
  };
  expect(await tryItLines(demo)).toContain(
    `-issuer '../it'\\''s here/ca.pem' -cert ../config/pki/`,
  );
});
