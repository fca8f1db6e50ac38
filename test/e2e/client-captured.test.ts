import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  expectOcspError,
  startCapturedSite,
  vector,
  vectorFile,
  withConnection,
} from "../support/captured-site.ts";
import { SHA1, SHA256 } from "../support/der-peek.ts";
import { onlyStatus } from "../support/ocsp-client.ts";
import type { RawConnection, RawResponse } from "../support/raw-http.ts";
import { run } from "../support/run-program.ts";
import type { Site } from "../support/site.ts";
import { CAPTURED_OUTCOMES } from "../support/vector-expectations.ts";

const messages = readdirSync(vectorFile("client-captured")).filter((file) =>
  file.endsWith(".http"),
);

let site: Site;

beforeAll(async () => {
  site = await startCapturedSite();
});

afterAll(async () => {
  await site?.close();
});

it("has the 36 messages", () => {
  expect(messages).toHaveLength(36);
});

it.each(messages)("%s", async (file) => {
  const message = vector(`client-captured/${file}`);
  await withConnection(site, async (connection) => {
    connection.write(message);
    const response = await finalResponse(connection, message);
    expect(response.status).toBe(200);
    await expectOutcome(file, response);
    if (message.includes(" HTTP/1.0\r\n")) expect(await connection.closed()).toBe("closed");
  });
});

async function finalResponse(connection: RawConnection, message: Buffer): Promise<RawResponse> {
  const asked = message.subarray(0, 4).toString() === "HEAD" ? "HEAD" : "GET";
  const first = await connection.next(asked);
  return first.status === 100 ? connection.next(asked) : first;
}

async function expectOutcome(file: string, response: RawResponse): Promise<void> {
  const outcome = CAPTURED_OUTCOMES[file.slice(0, 2)] ?? "good";
  const type = outcome === "crl" ? "application/pkix-crl" : "application/ocsp-response";
  expect(response.headers.get("content-type")).toBe(type);
  if (outcome === "good") return await expectVerified(file, response.body);
  if (outcome !== "crl") expectOcspError(response, String(outcome));
}

/** The client's own question against the answer: openssl finds its CertID and verifies the signature. */
async function expectVerified(file: string, body: Buffer): Promise<void> {
  const ca = vectorFile("client-captured/pki/ca.pem");
  const answer = join(site.places.folder, `${file}.answer`);
  writeFileSync(answer, body);
  const { serialNumber, hash } = onlyStatus(body);
  const leaf = vectorFile(`client-captured/pki/leaf${serialNumber.endsWith("2") ? 2 : 1}.pem`);
  const isSha256 = /sha-?256/i.test(file);
  expect(hash).toBe(isSha256 ? SHA256 : SHA1);
  const asked = ["-issuer", ca, isSha256 ? "-sha256" : "-sha1", "-cert", leaf];
  const checked = ["ocsp", "-respin", answer, ...asked, "-CAfile", ca];
  const { stdout, stderr } = await run("openssl", checked);
  expect(stderr).toContain("Response verify OK");
  expect(stdout).toContain(`${leaf}: good`);
}
