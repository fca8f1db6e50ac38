import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { request } from "../support/http-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun, run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";
import { ROOT } from "../support/vouch-cli.ts";

const REVOKED = 100;
const README = readFileSync(join(ROOT, "README.md"), "utf8");

let pki: Pki;
let site: Site;
let copy: string;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  const crl = { delta: "1h", shards: 2, url: "http://crl.example.vn/crl/gov-1.crl" };
  site = await startSite({ issuers: [{ name: "gov-1", pki, crl }] });
  copy = join(site.places.folder, "copy");
  const lines = Array.from(
    { length: REVOKED },
    (_, i) =>
      `${(0x4000_0000 + i * 7919).toString(16)},2036-01-01T00:00:00Z,revoked,2026-01-02T00:00:00Z,superseded`,
  );
  const csv = join(site.places.folder, "revoked.csv");
  const head = "serialNumber,notAfter,status,revocationDate,reason";
  writeFileSync(csv, [head, ...lines, ""].join("\n"));
  expect((await site.vouch(["import", "gov-1", csv, "--format", "csv"])).code).toBe(0);
  await issue();
});

afterAll(async () => {
  await site?.close();
});

/** Issues CRLs, waits for their compressed forms, and gives the CRLNumber. */
async function issue(): Promise<string> {
  const { json, code } = await site.vouch(["crl", "issue", "gov-1"], { json: true });
  expect(code).toBe(0);
  const crlNumber = String(json.crlNumber);
  // They are served first, and get their names for other servers then.
  const names = ["gov-1.crl.gz", "gov-1/0.crl.gz", "gov-1/1.crl.gz"];
  const areNamed = (): boolean =>
    names.every((name) => existsSync(join(site.places.data, "crl", name)));
  const isThere = async (): Promise<boolean> =>
    (await get("/crl/gov-1.crl", GZIP)).headers["content-encoding"] === "gzip" && areNamed();
  await until(isThere, { what: "the compressed forms" });
  return crlNumber;
}

const GZIP = { "accept-encoding": "gzip" };

function get(path: string, headers: Record<string, string> = {}) {
  return request(`${site.daemon.url}${path}`, { headers });
}

describe("a CRL, compressed", () => {
  it("is given to who asks, in either lane, and OCSP never is", async () => {
    const plain = await get("/crl/gov-1.crl");
    const packed = await get("/crl/gov-1.crl", GZIP);
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    expect(packed.headers.vary).toBe("Accept-Encoding");
    expect(plain.headers.vary).toBe("Accept-Encoding");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const part = await get("/crl/gov-1.crl", { ...GZIP, range: "bytes=0-9" });
    expect(part.body).toEqual(packed.body.subarray(0, 10));
    expect(part.headers["content-encoding"]).toBe("gzip");
    const { headers } = await get("/ocsp/MAA", GZIP);
    expect(headers["content-encoding"]).toBeUndefined();
  });

  needs("curl", "apt-get install curl")("is undone by curl, over HTTP/1.1 and HTTP/2", async () => {
    const { body } = await get("/crl/gov-1.crl");
    for (const version of ["--http1.1", "--http2-prior-knowledge"]) {
      const file = join(site.places.folder, "got.crl");
      const args = [
        version,
        "-sSf",
        "--compressed",
        "-o",
        file,
        `${site.daemon.url}/crl/gov-1.crl`,
      ];
      expect(await run("curl", args)).toMatchObject({ code: 0 });
      expect(readFileSync(file)).toEqual(body);
    }
  });
});

describe("a CRL's own path", () => {
  it("has the same octets after there is a newer one, and may be kept for ever", async () => {
    const first = await issue();
    const before = await get("/crl/gov-1.crl");
    const second = await issue();
    const own = await get(`/crl/gov-1/${first}.crl`);
    expect(own.body).toEqual(before.body);
    expect(own.headers.etag).toBe(before.headers.etag);
    expect(own.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect((await get("/crl/gov-1.crl")).body).toEqual(
      (await get(`/crl/gov-1/${second}.crl`)).body,
    );
    expect((await get(`/crl/gov-1/0/${second}.crl`)).body).toEqual(
      (await get("/crl/gov-1/0.crl")).body,
    );
    expect((await get(`/crl/gov-1-delta/${second}.crl`)).status).toBe(200);
    expect((await get("/crl/gov-1/1234567890123.crl")).status).toBe(404);
  });
});

/** The README's example, with this folder and port. */
function nginxConfiguration(port: number): string {
  const [, server = ""] = /```nginx\n([\s\S]*?)```/.exec(README) ?? [];
  const here = server
    .replace("listen 80;", `listen 127.0.0.1:${port};`)
    .replace("/srv/vouch", copy);
  const at = (name: string): string => join(copy, name);
  return `daemon off; master_process off; pid ${at("pid")}; error_log stderr;
events {}
http { access_log off; client_body_temp_path ${at("t1")}; proxy_temp_path ${at("t2")};
fastcgi_temp_path ${at("t3")}; uwsgi_temp_path ${at("t4")}; scgi_temp_path ${at("t5")};
${here}}
`;
}

describe("data/crl, copied by rsync and served by nginx as the README says", () => {
  let nginx: ChildProcess | undefined;
  let url: string;

  beforeAll(async () => {
    if (!hasProgram("rsync") || !hasProgram("nginx")) return;
    mkdirSync(copy, { recursive: true });
    const [line = ""] = /^rsync .*$/m.exec(README) ?? [];
    const command = line
      .replace("$HOME/vouch-site/var", site.places.data)
      .replace("$HOME/crl-copy", copy);
    mustRun("sh", ["-c", command]);
    chmodSync(copy, 0o755);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const config = join(copy, "nginx.conf");
    writeFileSync(config, nginxConfiguration(port));
    nginx = spawn("nginx", ["-e", "stderr", "-c", config], { stdio: "inherit" });
    await until(async () => (await request(`${url}/crl/gov-1.crl`)).status === 200, {
      what: "nginx",
    });
  });

  afterAll(async () => {
    if (!nginx || nginx.exitCode !== null) return;
    const ended = once(nginx, "exit");
    // Without a master it misses a SIGTERM that comes just before it waits for events.
    nginx.kill("SIGKILL");
    await ended;
  });

  const itServes = hasProgram("rsync")
    ? needs("nginx", "apt-get install nginx-light")
    : needs("rsync", "apt-get install rsync");

  itServes("has every CRL that Vouch serves, octet for octet, and nothing half done", async () => {
    const names = readdirSync(join(copy, "crl"), { recursive: true }).map(String);
    const crls = names.filter((name) => name.endsWith(".crl"));
    expect(crls.length).toBeGreaterThan(8);
    expect(names.filter((name) => /(^|\/)\.|new/.test(name))).toEqual([]);
    for (const name of crls) {
      const [theirs, ours] = [await request(`${url}/crl/${name}`), await get(`/crl/${name}`)];
      expect([name, theirs.status, ours.status]).toEqual([name, 200, 200]);
      expect(theirs.body.equals(ours.body)).toBe(true);
      expect(theirs.headers["content-type"]).toBe("application/pkix-crl");
      const isForEver = /^public, max-age=31536000/.test(ours.headers["cache-control"] ?? "");
      expect([name, /immutable/.test(theirs.headers["cache-control"] ?? "")]).toEqual([
        name,
        isForEver,
      ]);
    }
  });

  itServes("gives the compressed form to who asks, and parts", async () => {
    const path = "/crl/gov-1.crl";
    const packed = await request(`${url}${path}`, { headers: GZIP });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.headers.vary).toBe("Accept-Encoding");
    expect(gunzipSync(packed.body)).toEqual((await get(path)).body);
    const part = await request(`${url}${path}`, { headers: { range: "bytes=5-9" } });
    expect(part.body).toEqual((await get(path)).body.subarray(5, 10));
  });
});
