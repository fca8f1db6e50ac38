import { randomBytes } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { beforeAll, describe, expect, it } from "vitest";
import { httpDate } from "../../src/responder/http-date.ts";
import { request } from "../support/http-client.ts";
import { serveCaptured } from "./captured-handler.ts";

const PATH = "/crl/ca.crl";

const captured = await serveCaptured();

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

type Ask = (headers?: Record<string, string>, method?: string) => Promise<Got>;

const overHttp1: Ask = (headers = {}, method = "GET") =>
  request(`http://127.0.0.1:${captured.port}${PATH}`, { headers, method });

const overHttp2: Ask = (headers = {}, method = "GET") =>
  new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${captured.port}`).on("error", reject);
    const stream = session.request({ ":path": PATH, ":method": method, ...headers });
    const pieces: Buffer[] = [];
    stream.on("error", reject).once("response", ({ ":status": status = 0, ...fields }) => {
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        session.close();
        resolve({ status, headers: fields, body: Buffer.concat(pieces) });
      });
      if (method === "HEAD") stream.resume();
    });
    stream.end();
  });

const lanes: [string, Ask][] = [
  ["HTTP/1.1", overHttp1],
  ["HTTP/2", overHttp2],
];
const sizes: [string, number][] = [
  ["kept in memory", 20_000],
  ["on disk", 3_000_000],
];
const cases = lanes.flatMap(([lane, ask]) =>
  sizes.map(([where, size]) => ({ lane, ask, where, size })),
);

describe.each(cases)("a CRL $where, over $lane", ({ ask, size }) => {
  const crl = randomBytes(size);
  let etag: string;
  let lastModified: string;

  beforeAll(async () => {
    await captured.publishCRL(crl);
    const { headers } = await ask();
    etag = String(headers["etag"]);
    lastModified = String(headers["last-modified"]);
  });

  const part = async (headers: Record<string, string>, start: number, end: number) => {
    const got = await ask(headers);
    expect(got.status).toBe(206);
    expect(got.headers["content-range"]).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(got.headers["content-length"]).toBe(String(end - start));
    expect(got.headers["content-type"]).toBe("application/pkix-crl");
    expect(got.headers["etag"]).toBe(etag);
    expect(got.headers["cache-control"]).toMatch(/^max-age=\d+, public$/);
    expect(got.body.equals(crl.subarray(start, end))).toBe(true);
  };

  const whole = async (headers: Record<string, string>) => {
    const got = await ask(headers);
    expect(got.status).toBe(200);
    expect(got.headers["content-range"]).toBeUndefined();
    expect(got.headers["accept-ranges"]).toBe("bytes");
    expect(got.body.equals(crl)).toBe(true);
  };

  it("is given in parts", async () => {
    await part({ range: "bytes=0-0" }, 0, 1);
    await part({ range: "bytes=1000-19999" }, 1000, 20_000);
    await part({ range: "bytes=-7" }, size - 7, size);
    await part({ range: "bytes=0-" }, 0, size);
    await part({ range: `bytes=${size - 10_000}-${size + 10}` }, size - 10_000, size);
  });

  it("is given whole where a part makes no sense", async () => {
    for (const range of ["bytes=5-4", "bytes=0-1,4-5", "pages=1-2", "bytes=x"]) {
      await whole({ range });
    }
  });

  it("is 416 beyond its end", async () => {
    const { status, headers } = await ask({ range: `bytes=${size}-` });
    expect(status).toBe(416);
    expect(headers["content-range"]).toBe(`bytes */${size}`);
    expect(headers["cache-control"]).toBe("no-store");
  });

  it("is resumed while it is the same, and given whole when it is not", async () => {
    const range = "bytes=5000-";
    await part({ range, "if-range": etag }, 5000, size);
    await part({ range, "if-range": lastModified }, 5000, size);
    await whole({ range, "if-range": '"another"' });
    await whole({ range, "if-range": `W/${etag}` });
    await whole({ range, "if-range": httpDate(captured.now) });
    await whole({ range: `bytes=${size}-`, "if-range": '"another"' });
  });

  it("obeys conditions before ranges", async () => {
    const range = "bytes=0-9";
    expect((await ask({ range, "if-none-match": etag })).status).toBe(304);
    expect((await ask({ range, "if-modified-since": lastModified })).status).toBe(304);
    expect((await ask({ range, "if-match": '"another"' })).status).toBe(412);
    const before = httpDate(Date.parse(lastModified) / 1000 - 1);
    expect((await ask({ range, "if-unmodified-since": before })).status).toBe(412);
    await part({ range, "if-match": etag, "if-unmodified-since": before }, 0, 10);
  });

  it("has no parts for HEAD", async () => {
    const { status, headers, body } = await ask({ range: "bytes=0-9" }, "HEAD");
    expect(status).toBe(200);
    expect(headers["content-length"]).toBe(String(size));
    expect(headers["accept-ranges"]).toBe("bytes");
    expect(body.length).toBe(0);
  });
});

describe("when all is sent", () => {
  it("no file is open", () => {
    expect(captured.downloads.count).toBe(0);
    expect(captured.downloads.openFiles).toBe(0);
  });
});
