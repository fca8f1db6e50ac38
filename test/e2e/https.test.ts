import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { needs } from "../support/has-program.ts";
import { request } from "../support/http-client.ts";
import { ocspPath, ocspRequest, onlyStatus } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { argumentsOf, respondersUnder } from "../support/processes.ts";
import { run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { makeTlsFiles, replaceTlsFiles, type TlsFilePair } from "../support/tls-files.ts";
import { until } from "../support/until.ts";
import { vouchDocument, writeVouchFile } from "../support/vouch-file.ts";

let site: Site;
let pki: Pki;
let pair: TlsFilePair;
let port: number;
let der: Buffer;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  pair = makeTlsFiles("first");
  port = await freePort();
  const https = { listen: `127.0.0.1:${port}`, ...pair };
  const more = { public: { https }, responders: 2 };
  site = await startSite({ issuers: [{ name: "gov-1", pki }], more });
  der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
});

afterAll(async () => {
  await site?.close();
});

async function shownName(): Promise<string> {
  const secure = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(secure, "secureConnect");
  const { subject } = secure.getPeerCertificate();
  secure.destroy();
  return String(subject.CN);
}

/** Each connection may come to either responder. */
async function namesOfMany(): Promise<Set<string>> {
  return new Set(await Promise.all(Array.from({ length: 20 }, shownName)));
}

describe("the certificate's expiry", () => {
  it("is a metric, the same of both responders as of one", async () => {
    const { body } = await request(`${site.daemon.opsUrl}/metrics`);
    const certificate = new X509Certificate(readFileSync(pair.certificate));
    const notAfter = certificate.validToDate.getTime() / 1000;
    expect(body.toString()).toContain(
      `vouch_tls_certificate_not_after_timestamp_seconds{certificate="${pair.certificate}"} ${notAfter}\n`,
    );
  });
});

describe("OCSP over TLS", () => {
  const curl = needs("curl", "apt install curl");

  curl("is answered over HTTP/1.1 and HTTP/2, by GET and POST, with the same octets", async () => {
    const url = `https://localhost:${port}`;
    const answers: Buffer[] = [];
    for (const version of ["--http1.1", "--http2"]) {
      for (const asked of [[`${url}${ocspPath(der)}`], ["--data-binary", "@-", url]]) {
        const out = join(tempFolder(), "answer.der");
        const args = ["-sS", version, "--cacert", pair.certificate, "-o", out, ...asked];
        const script = `printf %s '${der.toString("base64")}' | base64 -d | curl "$@"`;
        const ended = await run("sh", ["-c", script, "sh", ...args]);
        expect(ended).toMatchObject({ code: 0, stderr: "" });
        answers.push(readFileSync(out));
      }
    }
    for (const answer of answers) expect(onlyStatus(answer).certStatus).toBe("good");
    expect(new Set(answers.map((answer) => answer.toString("hex"))).size).toBe(1);
  });

  it("the responder may read those two files besides, and no other key", () => {
    const readable = respondersUnder(site.daemon.pid).flatMap((pid) =>
      argumentsOf(pid).filter((arg) => arg.startsWith("--allow-fs-read=")),
    );
    expect(readable).toContain(`--allow-fs-read=${pair.key}`);
    expect(readable.filter((arg) => arg.includes(pki.folder))).toEqual([]);
  });
});

describe("a start", () => {
  it("with a key that cannot be used is refused: exit 2, and what to do", async () => {
    const config = join(tempFolder(), "vouch.yaml");
    const places = { ...site.places, publicPort: await freePort(), opsPort: await freePort() };
    const listen = `127.0.0.1:${await freePort()}`;
    const https = { listen, certificate: pair.certificate, key: makeTlsFiles("other").key };
    writeVouchFile(config, vouchDocument(places, site.issuers, { public: { https } }));
    const done = await site.vouch(["responder", "--json"], { config });
    expect(done.code).toBe(2);
    expect(JSON.parse(done.stdout).error).toMatchObject({ code: "configuration" });
    expect(done.stdout).toContain("public.https");
  });
});

describe("the certificate", () => {
  /** Every responder looks for itself, several times a second. */
  async function untilShown(name: string): Promise<void> {
    const isShown = async (): Promise<boolean> => {
      const names = await namesOfMany();
      return names.size === 1 && names.has(name);
    };
    await until(isShown, { what: `the certificate ${name}` });
  }

  it("that is replaced is shown by every responder after `vouch reload`", async () => {
    expect(await namesOfMany()).toEqual(new Set(["first"]));
    replaceTlsFiles(pair, "second");
    expect((await site.vouch(["reload"])).code).toBe(0);
    await untilShown("second");
  });

  it("is taken over by itself, too", async () => {
    replaceTlsFiles(pair, "third");
    await untilShown("third");
  });

  it("that cannot be used does not take the one from before away, and `check` says so", async () => {
    const other = makeTlsFiles("other");
    replaceTlsFiles({ ...other, key: pair.key }, "fourth");
    const reloaded = await site.vouch(["reload"]);
    expect(reloaded.code).toBe(0);
    expect(reloaded.stderr).toContain("public.https.key");
    expect(await namesOfMany()).toEqual(new Set(["third"]));
    const checked = await site.vouch(["check"], { json: true });
    expect(checked.code).toBe(2);
    expect(JSON.stringify(checked.json.problems)).toContain("public.https.key");
  });
});
