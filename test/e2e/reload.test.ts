import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueSigner } from "../setup/planted.ts";
import { freePort } from "../support/free-port.ts";
import { request } from "../support/http-client.ts";
import {
  ocspPath,
  ocspRequest,
  ocspSays,
  onlyStatus,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { rawConnection } from "../support/raw-http.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";
import {
  type IssuerSetup,
  type VouchDocument,
  vouchDocument,
  writeVouchFile,
} from "../support/vouch-file.ts";

let site: Site;
let pki: Pki;
let second: Pki;
let good: Buffer;
let unissued: Buffer;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  second = makePki({ algorithm: "ec", leaves: 1, name: "Second CA" });
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
  good = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
  unissued = ocspRequest(pki, "0123456789abcdef");
});

afterAll(async () => {
  second?.remove();
  await site?.close();
});

function write(
  issuer: Partial<IssuerSetup>,
  more: VouchDocument = {},
  others: IssuerSetup[] = [],
): void {
  const issuers = [{ name: "gov-1", pki, ...issuer }, ...others];
  writeVouchFile(site.places.config, vouchDocument(site.places, issuers, more));
}

const get = (): string => `GET ${ocspPath(good)} HTTP/1.1\r\nHost: ocsp.test\r\n\r\n`;

describe("reload", () => {
  it("applies a changed policy and a new path, and drops no connection", async () => {
    const connection = await rawConnection(site.places.publicPort);
    connection.write(get());
    expect((await connection.next()).status).toBe(200);
    expect(await ocspSays(site.daemon.url, unissued)).toBe("unauthorized");
    write({ ocsp: { unissued: "unknown" }, more: { paths: ["/new/gov-1.crt"] } });
    // It is used all the time: one that is idle ends after some seconds.
    const reloaded = site.vouch(["reload"]);
    for (let isOver = false; !isOver; ) {
      isOver = await Promise.race([reloaded.then(() => true), sleep(500, false)]);
      connection.write(get());
      expect(onlyStatus((await connection.next()).body).certStatus).toBe("good");
    }
    connection.destroy();
    expect((await reloaded).code).toBe(0);
    await untilOcspSays(site.daemon.url, unissued, "unknown");
    expect((await request(`${site.daemon.url}/new/gov-1.crt`)).status).toBe(200);
  });

  it("by SIGHUP applies the file as well", async () => {
    write({});
    site.daemon.signal("SIGHUP");
    await untilOcspSays(site.daemon.url, unissued, "unauthorized");
    await until(async () => (await request(`${site.daemon.url}/new/gov-1.crt`)).status === 404, {
      what: "the path to be gone",
    });
  });

  it("takes up a new issuer", async () => {
    const serialNumber = second.leaves[0]?.serialNumber ?? "";
    const der = ocspRequest(second, serialNumber);
    expect(await ocspSays(site.daemon.url, der)).toBe("unauthorized");
    write({}, {}, [{ name: "gov-2", pki: second }]);
    expect((await site.vouch(["reload"])).code).toBe(0);
    expect((await site.vouch(["import", "gov-2", second.index, "--format", "index"])).code).toBe(0);
    await untilOcspSays(site.daemon.url, der, "good");
    expect(await ocspSays(site.daemon.url, good)).toBe("good");
  });

  it.each(["public", "ops", "data", "responders", "admin", "liveSign"])(
    "refuses a change of %s, and changes nothing",
    async (key) => {
      const changed: VouchDocument = {
        public: { http: `127.0.0.1:${await freePort()}` },
        ops: `127.0.0.1:${await freePort()}`,
        data: `${site.places.data}-2`,
        responders: 2,
        admin: `${site.places.admin}-2`,
        liveSign: `${site.places.admin}-3`,
      };
      write({ ocsp: { unissued: "unknown" } }, { [key]: changed[key] });
      const done = await site.vouch(["reload"], { json: true });
      expect(done.code).toBe(2);
      expect(done.json.error.code).toBe("configuration");
      expect(JSON.stringify(done.json.error)).toContain(key);
      expect(await ocspSays(site.daemon.url, unissued)).toBe("unauthorized");
      expect(await ocspSays(site.daemon.url, good)).toBe("good");
    },
  );

  it.each([
    ["YAML that is none", "issuers: [\n: :"],
    ["an unknown key", "colour: blue\n"],
    ["nothing", ""],
  ])("refuses %s, and changes nothing, by command and by SIGHUP", async (_what, text) => {
    writeVouchFile(site.places.config, text);
    const done = await site.vouch(["reload"], { json: true });
    expect(done.code).toBe(2);
    site.daemon.signal("SIGHUP");
    await sleep(500);
    expect(await ocspSays(site.daemon.url, good)).toBe("good");
    expect((await request(`${site.daemon.opsUrl}/readyz`)).status).toBe(200);
    write({}, {}, [{ name: "gov-2", pki: second }]);
  });

  it("refuses a file whose signer's key is missing", async () => {
    const signers = [{ certificate: pki.signer.certificate, key: `${pki.folder}/missing.key` }];
    write({ ocsp: { signers } });
    const done = await site.vouch(["reload"], { json: true });
    expect(done.code).toBe(2);
    expect(await ocspSays(site.daemon.url, good)).toBe("good");
  });
});

describe("what is amiss with another issuer's signer", () => {
  let amiss: Site;
  let pkis: readonly Pki[];

  beforeAll(async () => {
    const [sound, expired, keyless] = ["sound", "expired", "keyless"].map((name) =>
      makePki({ algorithm: "ec", leaves: 0, name }),
    ) as [Pki, Pki, Pki];
    pkis = [sound, expired, keyless];
    const old = issueSigner(expired, { days: [-2, -1] });
    rmSync(keyless.signer.key);
    amiss = await startSite({
      issuers: [
        { name: "sound", pki: sound },
        { name: "expired", pki: expired, ocsp: { signers: [old] } },
        { name: "keyless", pki: keyless },
      ],
    });
  });

  afterAll(() => amiss?.close());

  function change(issuers: readonly IssuerSetup[]): void {
    writeVouchFile(amiss.places.config, vouchDocument(amiss.places, issuers));
  }

  it("is told, and keeps no change of a sound one's from being applied", async () => {
    const never = ocspRequest(pkis[0] as Pki, "0123456789abcdef");
    const [first, ...others] = amiss.issuers as [IssuerSetup, ...IssuerSetup[]];
    change([{ ...first, ocsp: { unissued: "unknown" } }, ...others]);
    const { code, stderr } = await amiss.vouch(["reload"]);
    expect(stderr).toMatch(/warning: issuer expired, signer .*: it expired on /);
    expect(stderr).toMatch(/warning: issuer keyless: .* cannot be read \(ENOENT\)/);
    expect(code).toBe(0);
    await untilOcspSays(amiss.daemon.url, never, "unknown");
    expect((await amiss.vouch(["reload"], { json: true })).json).toEqual({});
  });

  it("is refused where it is new", async () => {
    const [first, second, third] = amiss.issuers as [IssuerSetup, IssuerSetup, IssuerSetup];
    const key = `${second.pki.folder}/none.key`;
    const signers = [{ certificate: second.pki.signer.certificate, key }];
    change([first, { ...second, ocsp: { signers } }, third]);
    for (const _ of ["once", "and again"]) {
      const { code, json } = await amiss.vouch(["reload"], { json: true });
      expect(json.error.message).toBe(`issuer expired: ${key} cannot be read (ENOENT)`);
      expect(code).toBe(2);
    }
  });
});
