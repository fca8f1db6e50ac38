import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRequest } from "../../src/ocsp/request.ts";
import {
  expectOcspError,
  startCapturedSite,
  vector,
  vectorFile,
  withConnection,
} from "../support/captured-site.ts";
import { peekAnswer, SHA1, SHA256, SHA384 } from "../support/der-peek.ts";
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
  if (outcome === "crl") return;
  if (typeof outcome === "string" && outcome !== "good") {
    expectOcspError(response, outcome);
    return;
  }
  expectNonce(file, response.body);
  if (outcome === "good") await expectVerified(file, response.body);
  else expect(peekAnswer(response.body).single.map((one) => one.certStatus)).toEqual(outcome);
}

/** What the client sent is echoed; who sent none gets none. */
function expectNonce(file: string, body: Buffer): void {
  const request = readRequest(vector(`client-captured/${file.replace(/http$/, "der")}`));
  if (request instanceof Error) throw request;
  const asked = request.nonce && Buffer.from(request.nonce.extnValue).toString("hex");
  expect(peekAnswer(body).nonce).toBe(asked);
}

/** The client's own question against the answer: openssl finds its CertID and verifies the signature. */
async function expectVerified(file: string, body: Buffer): Promise<void> {
  const ca = vectorFile("client-captured/pki/ca.pem");
  const answer = join(site.places.folder, `${file}.answer`);
  writeFileSync(answer, body);
  const { serialNumber, hash } = onlyStatus(body);
  const leaf = vectorFile(`client-captured/pki/leaf${serialNumber.endsWith("2") ? 2 : 1}.pem`);
  const name = /sha-?(256|384)/i.exec(file)?.[1] ?? "1";
  expect(hash).toBe({ 1: SHA1, 256: SHA256, 384: SHA384 }[name]);
  const asked = ["-no_nonce", "-issuer", ca, `-sha${name}`, "-cert", leaf];
  const checked = ["ocsp", "-respin", answer, ...asked, "-CAfile", ca];
  const { stdout, stderr } = await run("openssl", checked);
  expect(stderr).toContain("Response verify OK");
  expect(stdout).toContain(`${leaf}: good`);
}
