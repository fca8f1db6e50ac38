import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { vector, vectorFile } from "../support/captured-site.ts";
import { needs } from "../support/has-program.ts";
import { ocspPath } from "../support/ocsp-client.ts";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { type CapturedHandler, openCapturedHandler } from "./captured-handler.ts";
import { type Listening, startPublicServer } from "./lane-servers.ts";

const QUESTION = "synthetic/http/base.der";

let captured: CapturedHandler;
let server: Listening;
let folder: string;

beforeAll(async () => {
  captured = await openCapturedHandler();
  server = await startPublicServer(captured.handler);
  folder = tempFolder();
});

afterAll(async () => {
  await server?.close();
  await captured?.close();
  removeFolder(folder);
});

/** A response, its fields as lines without those that belong to one connection. */
interface Response {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
}

/** What curl gets, by HTTP/2 or by HTTP/1.1. */
async function curl(
  version: "--http2-prior-knowledge" | "--http1.1",
  path: string,
  args: readonly string[],
): Promise<Response> {
  const [head, body] = [join(folder, "head"), join(folder, "body")];
  const url = `http://127.0.0.1:${server.port}${path}`;
  const usual = [version, "-s", "-S", "--path-as-is", "-D", head, "-o", body];
  expect(await run("curl", [...usual, ...args, url])).toMatchObject({ code: 0, stderr: "" });
  const [line = "", ...fields] = readFileSync(head, "latin1").trim().split("\r\n");
  return {
    status: Number(line.split(" ")[1]),
    fields: fields
      .map((field) => field.replace(/^[^:]*/, (name) => name.toLowerCase()))
      .filter((field) => !/^(connection|keep-alive):/.test(field))
      .sort(),
    body: args.includes("-I") ? "" : readFileSync(body, "latin1"),
  };
}

function post(file: string): string[] {
  return [
    "--data-binary",
    `@${file}`,
    "-H",
    "Content-Type: application/ocsp-request",
    "-H",
    "Expect:",
  ];
}

describe("curl gets by HTTP/2 what it gets by HTTP/1.1", () => {
  const asking = ocspPath(vector(QUESTION));
  const itCurl = needs("curl", "apt-get install curl");

  async function both(path: string, args: readonly string[] = []): Promise<Response> {
    const answer = await curl("--http2-prior-knowledge", path, args);
    expect(answer).toEqual(await curl("--http1.1", path, args));
    return answer;
  }

  itCurl("GET, POST and HEAD of OCSP", async () => {
    const answer = await both(asking);
    expect(answer.status).toBe(200);
    expect(await both("/", post(vectorFile(QUESTION)))).toEqual(answer);
    expect(await both(asking, ["-I"])).toEqual({ ...answer, body: "" });
  });

  itCurl("304 for what it has", async () => {
    const { fields } = await both(asking);
    const etag = fields.find((field) => field.startsWith("etag: ")) ?? "";
    const answer = await both(asking, ["-H", `If-None-Match: ${etag.slice(6)}`]);
    expect(answer.status).toBe(304);
    expect(answer.fields).toContain(etag);
  });

  itCurl("405, 413, 404, and one line at the root", async () => {
    const deleted = await both("/", ["-X", "DELETE"]);
    expect(deleted.status).toBe(405);
    expect(deleted.fields).toContain("allow: GET, HEAD, POST");
    const large = vectorFile("synthetic/057-list-1000-distinct.der");
    expect((await both("/", post(large))).status).toBe(413);
    expect((await both("/nothing")).status).toBe(404);
    expect((await both("/")).body).toMatch(/^Vouch: /);
  });

  itCurl("a CRL that is kept, and one that comes from disk", async () => {
    expect((await both("/crl/ca.crl")).status).toBe(200);
    const crl = Buffer.alloc(5_000_000, "c");
    await captured.publishCRL(crl);
    expect((await both("/crl/ca.crl")).body === crl.toString("latin1")).toBe(true);
    expect((await both("/crl/ca.crl", ["-I"])).fields).toContain("content-length: 5000000");
    await captured.publishCRL(Buffer.from("gone"), "missing");
    const unreadable = await both("/crl/ca.crl");
    expect(unreadable.status).toBe(503);
    expect(unreadable.fields).toContain("retry-after: 10");
  });
});
