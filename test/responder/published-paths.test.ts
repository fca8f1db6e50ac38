import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CRLScope, numberedName, scopeName } from "../../src/crl/scope.ts";
import { Downloads } from "../../src/responder/downloads.ts";
import { FileSource } from "../../src/responder/file-source.ts";
import type { HttpAnswer } from "../../src/responder/http-answer.ts";
import { PublishedPaths } from "../../src/responder/published-paths.ts";
import { type CRLRow, writeCRLRow } from "../../src/store/crl-rows.ts";
import type { ServedIssuer } from "../../src/store/service-view.ts";
import { type TempStore, tempStore } from "../store/temp-store.ts";

const NOW = 1_795_000_000;
const NUMBER = 1_795_000_000_000n;
const NO_CONDITIONS = { ifNoneMatch: undefined, ifModifiedSince: undefined };

const issuer = {
  name: "gov-1",
  number: 7,
  certificate: Buffer.from("its certificate"),
  certificatePaths: ["/ca/gov-1.cer", "/pki/gov-1.crt"],
  crlPaths: ["/crl/gov-1.crl", "/pki/crl/gov-1.crl"],
  crlKinds: { shards: 20, hasDelta: true },
  source: "issued",
} as unknown as ServedIssuer;

let temp: TempStore;
let folder: string;
let paths: PublishedPaths;
const source = new FileSource(new Downloads());

beforeAll(async () => {
  temp = tempStore();
  folder = join(temp.folder, "crl");
  await publish("full", NUMBER, "first full");
  await publish("full", NUMBER + 1n, "second full");
  await publish("full", NUMBER + 2n, "refused full", "signature");
  await publish("full", 17n, "full with a small number");
  await publish("delta", NUMBER + 1n, "delta");
  await publish("shard-17", NUMBER + 3n, "shard 17");
  paths = new PublishedPaths(temp.store, folder, [issuer]);
});

afterAll(() => temp?.close());

/** Publishes a text as a CRL, with its gzip variant beside it. */
async function publish(
  scope: CRLScope,
  crlNumber: bigint,
  text: string,
  refused: string | null = null,
): Promise<void> {
  const file = numberedName(scopeName("gov-1.crl", scope), crlNumber);
  const gzip = gzipSync(text);
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, `${file}.gz`), gzip);
  const row: CRLRow = {
    scope,
    crlNumber: String(crlNumber),
    baseCRLNumber: null,
    sequence: null,
    thisUpdate: NOW - 100,
    nextUpdate: NOW + 100,
    entries: 0,
    bytes: text.length,
    sha256: sha256(text),
    file,
    gzip: { bytes: gzip.length, sha256: sha256(gzip) },
    endedHolds: [],
    refused,
  };
  await temp.store.transact((transaction) => writeCRLRow(transaction, issuer.number, row));
}

function sha256(octets: Uint8Array | string): string {
  return createHash("sha256").update(octets).digest("hex");
}

async function get(path: string, acceptEncoding?: string): Promise<HttpAnswer> {
  const file = paths.get(path);
  if (!file) throw new Error(`nothing at ${path}`);
  return source.answer(file, { ...NO_CONDITIONS, acceptEncoding }, NOW);
}

function field({ headers }: HttpAnswer, name: string): string | undefined {
  const at = headers.indexOf(name);
  return at < 0 ? undefined : headers[at + 1];
}

describe("a path", () => {
  it.each([
    ["/crl/gov-1.crl", "second full"],
    ["/pki/crl/gov-1.crl", "second full"],
    ["/crl/gov-1-delta.crl", "delta"],
    ["/crl/gov-1/17.crl", "shard 17"],
    ["/pki/crl/gov-1/17.crl", "shard 17"],
    ["/ca/gov-1.cer", "its certificate"],
    ["/pki/gov-1.crt", "its certificate"],
  ])("%s has the newest", async (path, text) => {
    const answer = await get(path);
    expect(String(answer.body)).toBe(text);
    expect(field(answer, "Cache-Control")).toMatch(/^max-age=(100|3600), public$/);
  });

  it.each([
    [`/crl/gov-1/${NUMBER}.crl`, "first full"],
    [`/crl/gov-1/${NUMBER + 1n}.crl`, "second full"],
    [`/pki/crl/gov-1/${NUMBER}.crl`, "first full"],
    [`/crl/gov-1-delta/${NUMBER + 1n}.crl`, "delta"],
    [`/crl/gov-1/17/${NUMBER + 3n}.crl`, "shard 17"],
  ])("%s has that one for ever", async (path, text) => {
    const answer = await get(path);
    expect(String(answer.body)).toBe(text);
    expect(field(answer, "Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect(field(answer, "Expires")).toBeUndefined();
    expect(field(answer, "Last-Modified")).toBeDefined();
  });

  it.each([
    `/crl/gov-1/${NUMBER + 2n}.crl`,
    `/crl/gov-1/${NUMBER + 9n}.crl`,
    `/crl/gov-1-delta/${NUMBER}.crl`,
    `/crl/gov-1/16/${NUMBER + 3n}.crl`,
    "/crl/gov-1/18.crl",
    "/crl/gov-1/20.crl",
    `/crl/gov-2/${NUMBER}.crl`,
    "/crl/gov-1/17/17.crl",
    "/crl/gov-1",
    "/crl/",
    "",
  ])("%s has nothing", (path) => {
    expect(paths.get(path)).toBeUndefined();
  });

  it("has nothing any more when its numbered file has gone, and 503 when the newest has", async () => {
    await publish("delta", 5n, "an old delta");
    rmSync(join(folder, "gov-1-delta", "5.crl"));
    expect((await get("/crl/gov-1-delta/5.crl")).status).toBe(404);
    await publish("shard-3", 6n, "of a shard");
    rmSync(join(folder, "gov-1", "3", "6.crl"));
    await expect(get("/crl/gov-1/3.crl")).rejects.toThrow(/ENOENT/);
  });
});

describe("the gzip variant", () => {
  it("is given to who asks, with an ETag of its own", async () => {
    const [plain, packed] = [await get("/crl/gov-1.crl"), await get("/crl/gov-1.crl", "gzip")];
    expect(gunzipSync(packed.body as Buffer).toString()).toBe("second full");
    expect(field(packed, "Content-Encoding")).toBe("gzip");
    expect(field(packed, "Content-Type")).toBe("application/pkix-crl");
    expect(field(packed, "Content-Length")).toBe(String((packed.body as Buffer).length));
    expect(field(packed, "Vary")).toBe("Accept-Encoding");
    expect(field(plain, "Content-Encoding")).toBeUndefined();
    expect(field(plain, "Vary")).toBe("Accept-Encoding");
    expect(field(packed, "ETag")).not.toBe(field(plain, "ETag"));
  });

  it("has conditions and ranges of its own", async () => {
    const file = paths.get("/crl/gov-1.crl");
    if (!file?.gzip) throw new Error("no variant");
    const asking = { ...NO_CONDITIONS, acceptEncoding: "gzip" };
    const has = await source.answer(file, { ...asking, ifNoneMatch: file.gzip.etag }, NOW);
    expect(has.status).toBe(304);
    expect(field(has, "Vary")).toBe("Accept-Encoding");
    const other = await source.answer(file, { ...asking, ifNoneMatch: file.identity.etag }, NOW);
    expect(other.status).toBe(200);
    const range = { ...asking, range: "bytes=2-5", ifRange: file.gzip.etag };
    const part = await source.answer(file, range, NOW);
    expect(part.status).toBe(206);
    expect(field(part, "Content-Encoding")).toBe("gzip");
    expect(field(part, "Content-Range")).toBe(`bytes 2-5/${file.gzip.size}`);
    const whole = await get("/crl/gov-1.crl", "gzip");
    expect(part.body).toEqual((whole.body as Buffer).subarray(2, 6));
  });

  it("is left out when its file has gone", async () => {
    await publish("shard-4", 8n, "of another shard");
    rmSync(join(folder, "gov-1", "4", "8.crl.gz"));
    const answer = await get("/crl/gov-1/4.crl", "gzip");
    expect(String(answer.body)).toBe("of another shard");
    expect(field(answer, "Content-Encoding")).toBeUndefined();
  });
});
