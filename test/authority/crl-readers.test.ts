import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateRevocationList } from "pkijs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { needs } from "../support/has-program.ts";
import { lintCRL, pkilint } from "../support/pkilint.ts";
import { mustRun, run } from "../support/run-program.ts";
import { type Office, openOffice, row } from "./office.ts";

/* What others make of each kind of CRL: OpenSSL, GnuTLS, pkijs, pkilint. */

const URL = "http://crl.example.vn/crl/gov-1.crl";
const SHARDS = 2;

let office: Office;
/** Leaves: good, revoked before, revoked after, held before and released after, held after the full CRL. */
let [good, before, after, released, held] = [0, 1, 2, 3, 4].map((leaf) => String(leaf));
/** The first full CRL; a delta to it; the shards, the delta and the full one of the end. */
let crls: Record<
  "full" | "delta" | "later" | "shard-0" | "shard-1" | "last" | "ended",
  PublishedCRL
>;

beforeAll(async () => {
  const crl = { url: URL, delta: "1h", shards: SHARDS };
  const issuers = () => [{ name: "gov-1", more: { hold: true } }];
  office = await openOffice({ crl, issuers, leaves: 5 });
  const names = office.pki.leaves.map(({ serialNumber }) => serialNumber);
  [good, before, after, released, held] = names;
  await office.import(
    names.map((name) => row(name)).sort((a, b) => compareOctets(a.serialNumber, b.serialNumber)),
  );
  await office.revoke([before as string], "keyCompromise");
  await office.hold([released as string]);
  const [full] = await office.issueCRLs();
  await office.revoke([after as string], "superseded");
  await office.release([released as string]);
  await office.hold([held as string]);
  const [delta] = await office.issueCRLs({ kinds: "delta" });
  const [later, ...shards] = await office.issueCRLs();
  const last = await office.issueCRLs({ ends: "last", force: "test" });
  const made = { full, delta, later, "shard-0": shards[0], "shard-1": shards[1] };
  crls = { ...made, last: last[0], ended: last.at(-1) } as typeof crls;
});

afterAll(() => office.close());

function compareOctets(a: string, b: string): number {
  const octets = (text: string): Buffer =>
    Buffer.from(/^[89a-f]/.test(text) ? `00${text}` : text, "hex");
  return Buffer.compare(octets(a), octets(b));
}

/** The CRL in PEM, as OpenSSL and GnuTLS take it besides others. */
function pem(crl: PublishedCRL): string {
  const file = `${crl.file}.${crl.scope}.pem`;
  mustRun("openssl", ["crl", "-inform", "DER", "-in", crl.file, "-out", file]);
  return file;
}

/** What `openssl verify` says of a leaf by these CRLs: `OK`, or its error. */
async function verified(leaf: string | undefined, ...given: PublishedCRL[]): Promise<string> {
  const certificate = office.pki.leaves.find(
    ({ serialNumber }) => serialNumber === leaf,
  )?.certificate;
  const files = given.flatMap((crl) => ["-CRLfile", pem(crl)]);
  // Without -extended_crl it would take a delta for a full CRL.
  const checks = ["-crl_check", "-crl_check_all", "-use_deltas", "-extended_crl"];
  const trust = ["-CAfile", office.pki.caCertificate];
  const ended = await run("openssl", ["verify", ...checks, ...trust, ...files, certificate ?? ""]);
  if (ended.code === 0) return "OK";
  return (
    /error \d+ at \d+ depth lookup: (.*)/.exec(ended.stderr + ended.stdout)?.[1] ?? ended.stderr
  );
}

describe("openssl verify -crl_check -crl_check_all -use_deltas", () => {
  it("by the full CRL alone", async () => {
    expect(await verified(good, crls.full)).toBe("OK");
    expect(await verified(before, crls.full)).toBe("certificate revoked");
    expect(await verified(after, crls.full)).toBe("OK");
    expect(await verified(released, crls.full)).toBe("certificate revoked");
    expect(await verified(held, crls.full)).toBe("OK");
  });

  it("by the full CRL and the delta to it", async () => {
    expect(await verified(good, crls.full, crls.delta)).toBe("OK");
    expect(await verified(before, crls.full, crls.delta)).toBe("certificate revoked");
    expect(await verified(after, crls.full, crls.delta)).toBe("certificate revoked");
    expect(await verified(released, crls.full, crls.delta)).toBe("OK");
    expect(await verified(held, crls.full, crls.delta)).toBe("certificate revoked");
  });

  it("by the full CRL that came after", async () => {
    expect(await verified(after, crls.later)).toBe("certificate revoked");
    expect(await verified(released, crls.later)).toBe("OK");
    expect(await verified(held, crls.later)).toBe("certificate revoked");
  });

  it("by the last CRL, in force for ever", async () => {
    expect(await verified(good, crls.last)).toBe("OK");
    expect(await verified(after, crls.last)).toBe("certificate revoked");
  });

  it("by the shard of its certificate, and by no other", async () => {
    for (const [number, says] of [
      [0x2000, "certificate revoked"],
      [0x2001, "certificate revoked"],
      [0x2002, "OK"],
    ] as const) {
      const leaf = issueWithPoint(number);
      if (says !== "OK") {
        await office.import([row(number.toString(16))]);
        await office.revoke([number.toString(16)]);
      }
      const [, ...shards] = await office.issueCRLs({ force: "test" });
      const own = shards[number % SHARDS] as PublishedCRL;
      const other = shards[(number + 1) % SHARDS] as PublishedCRL;
      expect(await byShard(leaf, own)).toBe(says);
      expect(await byShard(leaf, other)).toMatch(
        /different CRL scope|unable to get certificate CRL/i,
      );
    }
  });
});

/** A leaf whose crlDistributionPoints names its shard. */
function issueWithPoint(number: number): string {
  const { folder } = office.pki;
  const shard = URL.replace(".crl", `/${number % SHARDS}.crl`);
  writeFileSync(join(folder, "point.cnf"), `crlDistributionPoints = URI:${shard}\n`);
  const by = [
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-set_serial",
    String(number),
    "-extfile",
    "point.cnf",
  ];
  mustRun(
    "openssl",
    ["x509", "-req", "-in", "req.pem", ...by, "-out", `point-${number}.pem`],
    folder,
  );
  return join(folder, `point-${number}.pem`);
}

async function byShard(certificate: string, crl: PublishedCRL): Promise<string> {
  const given = ["-CAfile", office.pki.caCertificate, "-CRLfile", pem(crl), certificate];
  const ended = await run("openssl", ["verify", "-crl_check", "-extended_crl", ...given]);
  if (ended.code === 0) return "OK";
  return (
    /error \d+ at \d+ depth lookup: (.*)/.exec(ended.stderr + ended.stdout)?.[1] ?? ended.stderr
  );
}

const KINDS = ["full", "delta", "later", "shard-0", "shard-1", "last", "ended"] as const;

describe("each kind", () => {
  it.each(KINDS)("%s is verified by openssl crl, with the number that Vouch says", (kind) => {
    const { file, crlNumber, entries } = crls[kind];
    const asked = ["crl", "-inform", "DER", "-in", file, "-CAfile", office.pki.caCertificate];
    const text = mustRun("openssl", [...asked, "-noout", "-text", "-verify", "-crlnumber"]);
    expect(BigInt(/crlNumber=(0x[0-9A-F]+)/i.exec(text)?.[1] ?? "0").toString()).toBe(crlNumber);
    expect(text.match(/Serial Number:/g) ?? []).toHaveLength(entries);
  });

  for (const kind of KINDS) {
    needs("certtool", "apt-get install gnutls-bin")(`${kind} is verified by GnuTLS`, async () => {
      const issuer = ["--load-ca-certificate", office.pki.caCertificate];
      const ended = await run("certtool", ["--verify-crl", ...issuer, "--infile", pem(crls[kind])]);
      expect(ended.stdout).toContain("Verification output: Verified");
    });

    pkilint(`${kind} is clean by lint_crl`, async () => {
      expect(await lintCRL(readFileSync(crls[kind].file))).toEqual([]);
    });
  }

  it.each(KINDS)("%s lists for pkijs what it lists for OpenSSL", (kind) => {
    const { file } = crls[kind];
    const crl = CertificateRevocationList.fromBER(readFileSync(file));
    const byPkijs = (crl.revokedCertificates ?? []).map(({ userCertificate, revocationDate }) => [
      serialNumberText(userCertificate.valueBlock.valueHexView),
      revocationDate.value.getTime(),
    ]);
    const text = mustRun("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
    const listed = [...text.matchAll(/Serial Number: ([0-9A-F]+)\s+Revocation Date: (.*)/g)];
    expect(byPkijs).toEqual(
      listed.map(([, serial = "", date = ""]) => [
        serial.toLowerCase().replace(/^0+/, ""),
        Date.parse(date),
      ]),
    );
  });
});
