import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { accepted, oneIssuer } from "./config-file.ts";

const cores = availableParallelism();

describe("what the file leaves out", () => {
  it("is filled in", async () => {
    const { config, file, warnings } = await accepted(
      oneIssuer("    crl:\n      signer: { certificate: a, key: b }\n"),
    );
    const here = (name: string): string => resolve(dirname(file), name);
    expect(config).toStrictEqual({
      file,
      data: here("../var"),
      public: { http: { host: "0.0.0.0", port: 8080 }, https: undefined, trustedProxies: [] },
      ops: { host: "127.0.0.1", port: 9464 },
      admin: here("../var/admin.sock"),
      liveSign: here("../var/live-sign.sock"),
      responders: 1,
      signingThreads: cores,
      issuers: [
        {
          name: "gov-1",
          certificate: here("pki/gov-1.pem"),
          source: "issued",
          hold: false,
          paths: [],
          ocsp: {
            signers: [{ certificate: here("pki/o.pem"), key: here("pki/o.key") }],
            hashes: ["sha1", "sha256"],
            validitySeconds: 86_400,
            backdateSeconds: 300,
            unissued: "unauthorized",
            nonce: "live",
            archive: "forever",
          },
          crl: {
            signer: { certificate: here("a"), key: here("b") },
            validitySeconds: 172_800,
            everySeconds: 43_200,
            onRevocationSeconds: 60,
            leastIntervalSeconds: 60,
            deltaSeconds: undefined,
            shards: 0,
            keepExpired: true,
            keep: { count: 20 },
            url: undefined,
            paths: [],
          },
        },
      ],
    });
    expect(warnings).toStrictEqual([]);
  });

  it("is no CRL where crl is absent", async () => {
    expect((await accepted(oneIssuer())).config.issuers[0]?.crl).toBeUndefined();
  });
});

describe("what the file says", () => {
  it("is taken over, from every key", async () => {
    const { config } = await accepted(`
data: /srv/vouch
public: { http: "[::1]:80", trustedProxies: [10.0.0.0/8, "fd00::/8", 192.0.2.1] }
ops: localhost:0
admin: /run/vouch/admin.sock
liveSign: /run/vouch/live-sign.sock
responders: auto
signingThreads: 3
issuers:
  - name: gov-1
    certificate: /pki/gov-1.pem
    source: issued
    hold: false
    paths: [/pki/pub/crt/gov-1.crt]
    ocsp:
      signers: [{ certificate: /pki/o.pem, key: /pki/o.key }]
      hashes: [sha256]
      validity: 2d
      backdate: 0
      unissued: revoked
      nonce: ignore
      archive: 10y
    crl:
      signer: { certificate: /pki/gov-1.pem, key: /pki/gov-1.key }
      validity: 7d
      every: 90m
      onRevocation: 0
      leastInterval: 30s
      delta: 0
      shards: 0
      keepExpired: false
      keep: 90d
      url: "http://crl.example.vn/pki/pub/crl/gov-1.crl"
      paths: [/pki/pub/crl/gov-1.crl]
`);
    expect(config).toMatchObject({
      data: "/srv/vouch",
      public: {
        http: { host: "::1", port: 80 },
        trustedProxies: ["10.0.0.0/8", "fd00::/8", "192.0.2.1"],
      },
      ops: { host: "127.0.0.1", port: 0 },
      admin: "/run/vouch/admin.sock",
      liveSign: "/run/vouch/live-sign.sock",
      responders: cores,
      signingThreads: 3,
      issuers: [
        {
          certificate: "/pki/gov-1.pem",
          paths: ["/pki/pub/crt/gov-1.crt"],
          ocsp: {
            signers: [{ certificate: "/pki/o.pem", key: "/pki/o.key" }],
            hashes: ["sha256"],
            validitySeconds: 172_800,
            backdateSeconds: 0,
            unissued: "revoked",
            nonce: "ignore",
            archive: 10 * 365 * 86_400,
          },
          crl: {
            signer: { certificate: "/pki/gov-1.pem", key: "/pki/gov-1.key" },
            validitySeconds: 604_800,
            everySeconds: 5400,
            onRevocationSeconds: 0,
            leastIntervalSeconds: 30,
            deltaSeconds: undefined,
            keepExpired: false,
            keep: { seconds: 7_776_000 },
            url: "http://crl.example.vn/pki/pub/crl/gov-1.crl",
            paths: ["/pki/pub/crl/gov-1.crl"],
          },
        },
      ],
    });
  });

  it("is frozen to the bottom", async () => {
    const { config } = await accepted(oneIssuer());
    const unfrozen: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(path);
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    };
    visit(config, "config");
    expect(unfrozen).toStrictEqual([]);
  });
});
