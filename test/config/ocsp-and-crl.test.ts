import { describe, expect, it } from "vitest";
import { accepted, oneIssuer, refused } from "./config-file.ts";

const ocsp = (...keys: string[]): string => oneIssuer(keys.map((key) => `      ${key}\n`).join(""));
const crl = (...keys: string[]): string =>
  oneIssuer("    crl:\n      signer: { certificate: a, key: b }\n").concat(
    ...keys.map((key) => `      ${key}\n`),
  );

describe("issuers[].ocsp", () => {
  it.each([
    ["validity: 10s", "backdate: 4s"],
    ["validity: 11s", "backdate: 5s"],
    ["validity: 1m", "backdate: 0"],
    ["hashes: [sha256]", "archive: 0"],
  ])("%s and %s are good", async (...keys) => {
    expect((await accepted(ocsp(...keys))).config.issuers).toHaveLength(1);
  });

  it.each([
    ["validity: 9s", "is 9s but must be at least 10s"],
    ["validity: 0", "is 0 but must be at least 10s"],
    ["validity: 24", "is 24 but must be an integer and s, m, h, d or y, or 0"],
    ["validity: 1.5h", "is 1.5h but must be an integer"],
    ["validity: 1001y", "is 1001y but must be at most 1000y"],
    ["validity: 99999999999999999999y", "is 99999999999999999999y but must be at most 1000y"],
    ["validity:", "is empty but must be an integer"],
    ["backdate: 12h", "is 12h but must be less than half of ocsp.validity, 24h (the default)"],
    ["hashes: []", "is an empty list, so nothing would be answered"],
    ["hashes: sha1", "is sha1 but must be a list"],
    ["unissued: good", "is good but must be unauthorized or unknown or revoked"],
    ["nonce: false", "is false but must be live or ignore"],
    ["archive: never", "is never but must be forever, or an integer and s, m, h, d or y, or 0"],
    ["archive: 2000y", "is 2000y but must be forever, or at most 1000y"],
    ["signers: []", "stands here a second time, after line 5"],
  ])("%s is refused", async (key, problem) => {
    const [first] = await refused(ocsp(key));
    expect(first).toContain(`6 issuers[0].ocsp.${key.split(":")[0]}: ${problem}`);
  });

  it("refuses each hash that is not known or stands twice, by its place", async () => {
    expect(await refused(ocsp("hashes: [sha1, sha512, sha1]"))).toStrictEqual([
      "6 issuers[0].ocsp.hashes[1]: is sha512 but must be sha1 or sha256",
      "6 issuers[0].ocsp.hashes[2]: is sha1 a second time",
    ]);
  });

  it("holds the default of backdate against a short validity, and says how long it may be", async () => {
    const text = ocsp("validity: 10m");
    expect(await refused(text)).toStrictEqual([
      "4 issuers[0].ocsp.backdate: is 5m (the default) but must be less than half of ocsp.validity, 10m",
    ]);
    expect((await accepted(`${text}      backdate: 299s\n`)).config.issuers).toHaveLength(1);
    expect(await refused(`${text}      backdate: 300s\n`)).toHaveLength(1);
  });

  it("needs both files of a signer", async () => {
    const text = ocsp().replace("certificate: pki/o.pem, key: pki/o.key", 'key: ""');
    expect(await refused(text)).toStrictEqual([
      "5 issuers[0].ocsp.signers[0].certificate: is missing",
      '5 issuers[0].ocsp.signers[0].key: is "" but must be the name of a file or folder',
    ]);
  });
});

describe("issuers[].crl", () => {
  it.each([
    ["validity: 13h", "every: 12h"],
    ["every: 61s", "leastInterval: 60s"],
    ["url: http://[2001:db8::1]:81/crl/gov-1.crl", "onRevocation: 0"],
    ["shards: 0", "delta: 0"],
    ["keep: 2", "shards: 0"],
    ["keep: 1h", "shards: 0"],
    ["delta: 1h", "url: http://a/crl/gov-1.crl"],
    ["shards: 4096", "url: http://a/crl/gov-1.crl"],
  ])("%s and %s are good", async (...keys) => {
    expect((await accepted(crl(...keys))).config.issuers[0]?.crl).toBeDefined();
  });

  it.each([
    ["validity: 12h", "6", "every: is 12h (the default) but must be less than crl.validity, 12h"],
    ["every: 48h", "8", "every: is 48h but must be less than crl.validity, 48h (the default)"],
    ["every: 0", "8", "every: is 0 but must be at least 1s"],
    ["delta: 12h", "8", "delta: is 12h but must be less than crl.every, 12h (the default)"],
    ["shards: -1", "8", "shards: is -1 but must be an integer from 0 to 4096"],
    ["shards: 4097", "8", "shards: is 4097 but must be an integer from 0 to 4096"],
    ["shards: 1.5", "8", "shards: is 1.5 but must be an integer from 0 to 4096"],
    ["shards: 4", "8", "shards: asks for a CRL for each shard, and crl.url is missing"],
    ["delta: 1h", "8", "delta: asks for delta CRLs, and crl.url is missing"],
    [
      "url: http://a/crl?id=1\n      delta: 1h",
      "8",
      "url: does not end in .crl, so that delta CRLs would have no URL",
    ],
    [
      "keep: 1",
      "8",
      "keep: is 1 but must be an integer from 2 to 100000, or a duration of at least 1h",
    ],
    [
      "keep: 59m",
      "8",
      "keep: is 59m but must be an integer from 2 to 100000, or a duration of at least 1h",
    ],
    [
      "keep: all",
      "8",
      "keep: is all but must be an integer from 2 to 100000, or a duration of at least 1h",
    ],
    ["keepExpired: never", "8", "keepExpired: is never but must be true or false"],
    [
      "url: https://a/crl/gov-1.crl",
      "8",
      "url: is https://a/crl/gov-1.crl but must be an http:// URL",
    ],
    ["url: /crl/gov-1.crl", "8", "url: is /crl/gov-1.crl but must be an http:// URL"],
    ["url: http://a/bộ.crl", "8", "url: is http://a/bộ.crl but must be an http:// URL"],
    ["url: http://a:99999/x", "8", "url: is http://a:99999/x but must be an http:// URL"],
    ["signer: 5", "8", "signer: stands here a second time, after line 7"],
  ])("%s is refused", async (key, line, problem) => {
    expect(await refused(crl(key))).toContain(`${line} issuers[0].crl.${problem}`);
  });
});
