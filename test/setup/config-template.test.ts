import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { demoConfig, starterConfig } from "../../src/setup/config-template.ts";
import { demoFiles } from "../../src/setup/demo-pki.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";

const folder = tempFolder();
const file = join(folder, "config", "vouch.yaml");
afterAll(() => removeFolder(folder));

/** The configuration that the text is, which must load without a problem and without a warning. */
async function loaded(text: string): Promise<Config> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const result = await loadConfig(file);
  expect(result).toMatchObject({ ok: true, warnings: [] });
  if (!result.ok) throw new Error("does not load");
  return result.config;
}

const MINIMAL = `issuers:
  - name: gov-1
    certificate: pki/gov-1.pem
    ocsp: { signers: [{ certificate: pki/gov-1-ocsp.pem, key: pki/gov-1-ocsp.key }] }
    crl: { signer: { certificate: pki/gov-1.pem, key: pki/gov-1.key } }
`;

describe("the starter's configuration", () => {
  test("holds the documented defaults, and one issuer's files", () => {
    expect(parse(starterConfig(), { strict: true, uniqueKeys: true })).toEqual({
      data: "../var",
      public: { http: "0.0.0.0:8080" },
      ops: "127.0.0.1:9464",
      admin: "../var/admin.sock",
      liveSign: "../var/live-sign.sock",
      responders: 1,
      signingThreads: "auto",
      issuers: [
        {
          name: "gov-1",
          certificate: "pki/gov-1.pem",
          source: "issued",
          hold: false,
          paths: [],
          ocsp: {
            signers: [{ certificate: "pki/gov-1-ocsp.pem", key: "pki/gov-1-ocsp.key" }],
            hashes: ["sha1", "sha256"],
            validity: "24h",
            backdate: "5m",
            unissued: "unauthorized",
            nonce: "live",
            archive: "forever",
          },
          crl: {
            signer: { certificate: "pki/gov-1.pem", key: "pki/gov-1.key" },
            validity: "48h",
            every: "12h",
            onRevocation: "1m",
            leastInterval: "1m",
            keepExpired: true,
            keep: 20,
            paths: [],
          },
        },
      ],
    });
  });

  test("says what the loader does by default", async () => {
    expect(await loaded(starterConfig())).toEqual(await loaded(MINIMAL));
  });

  test("is still good when what needs a CRL's URL is uncommented", async () => {
    const config = await loaded(starterConfig().replaceAll(/# (?=(url|delta|shards):)/g, ""));
    expect(config.issuers[0]?.crl).toMatchObject({
      url: "http://crl.example.vn/crl/gov-1.crl",
      deltaSeconds: 3600,
      shards: 16,
    });
  });

  test("promises nothing", () => {
    expect(starterConfig()).not.toContain("to come");
  });

  test("explains every key in a line that fits a terminal", () => {
    for (const line of starterConfig().split("\n")) {
      expect(line.length, line).toBeLessThanOrEqual(100);
      expect(line).not.toMatch(/\s$/);
    }
  });
});

describe("the demo's configuration", () => {
  test("loads, and finds its files", async () => {
    const files = demoFiles(join(folder, "config", "pki"));
    const [first] = files;
    const config = await loaded(demoConfig(files));
    expect(config.data).toBe(join(folder, "var"));
    expect(config.issuers.map(({ name }) => name)).toEqual(["demo-ec", "demo-rsa"]);
    expect(config.issuers[0]).toMatchObject({
      certificate: first?.caFile,
      ocsp: { signers: [{ certificate: first?.signerFile, key: first?.signerKeyFile }] },
      crl: { signer: { certificate: first?.caFile, key: first?.keyFile } },
    });
  });

  test("names the demo's files relative to itself, and serves on loopback only", () => {
    const config = parse(demoConfig(demoFiles("/some/where/config/pki")));
    expect(config).toMatchObject({
      data: "../var",
      public: { http: "127.0.0.1:8080" },
      ops: "127.0.0.1:9464",
    });
    expect(config.issuers).toEqual(
      ["demo-ec", "demo-rsa"].map((name) => ({
        name,
        certificate: `pki/${name}.pem`,
        ocsp: { signers: [{ certificate: `pki/${name}-ocsp.pem`, key: `pki/${name}-ocsp.key` }] },
        crl: { signer: { certificate: `pki/${name}.pem`, key: `pki/${name}.key` } },
      })),
    );
  });
});
