import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportReport } from "../../src/authority/admin-import-types.ts";
import type { Stats } from "../../src/authority/admin-types.ts";
import type { Fault } from "../../src/ocsp/proof.ts";
import { revokeByAdmin, statusByAdmin } from "../support/admin-client.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki } from "../support/openssl-pki.ts";
import { authorityUnder } from "../support/processes.ts";
import { type Exposition, parsePrometheus, total } from "../support/prometheus-text.ts";
import { prepareSite, type Site } from "../support/site.ts";
import type { PlantedFault } from "./planted/fault.ts";

type Planned = readonly [PlantedFault, Fault];

/** What goes wrong, and the word that it is to be counted under. */
const FAULTS: readonly Planned[] = [
  ["wrong serial", "serialNumber"],
  ["wrong hash", "hash"],
  ["wrong status", "certStatus"],
  ["wrong reason", "reason"],
  ["wrong time", "time"],
  ["another responder", "signer"],
  ["another certificate", "signer"],
  ["another key", "signature"],
  ["a bit of the signature", "signature"],
  ["too large", "size"],
  ["another record", "serialNumber"],
];
/** With RSA only what has to do with signatures and keys differs. */
const OF_RSA: readonly PlantedFault[] = ["wrong serial", "another key", "a bit of the signature"];
const ISSUERS = ["ec", "rsa"] as const;

function faultsOf(issuer: (typeof ISSUERS)[number]): readonly Planned[] {
  return FAULTS.filter(([fault]) => issuer === "ec" || OF_RSA.includes(fault));
}

let site: Omit<Site, "daemon">;
let daemon: Daemon;

const inFolder = (name: string): string => join(site.places.folder, name);
const plant = (fault: PlantedFault): void => writeFileSync(inFolder("fault"), fault);

/** Serial numbers of one fault: known as good before it, imported during it as good, as revoked. */
function serials(fault: PlantedFault): { known: string; good: string; revoked: string } {
  const at = 0x50_00_00 + 16 * FAULTS.findIndex(([planted]) => planted === fault);
  return {
    known: (at + 1).toString(16),
    good: (at + 2).toString(16),
    revoked: (at + 3).toString(16),
  };
}

beforeAll(async () => {
  const issuers = ISSUERS.map((name) => ({
    name,
    pki: makePki({ algorithm: name, leaves: 0, name: `CA ${name}` }),
    crl: false as const,
  }));
  site = await prepareSite({ issuers });
  plant("none");
  // It must lie where responders may read, since they are started with it, too.
  const hook = join(site.places.data, "hook.mjs");
  writeFileSync(hook, stub(new URL("planted/hook.ts", import.meta.url).href));
  const env = {
    NODE_OPTIONS: `--import ${pathToFileURL(hook).href}`,
    PLANTED_FAULT: inFolder("fault"),
    PLANTED_LOG: inFolder("planted.log"),
  };
  daemon = await startDaemon(site.places, { env });
  for (const issuer of ISSUERS) {
    const known = faultsOf(issuer).map(([fault]) => serials(fault).known);
    expect(await importByAdmin(issuer, known, [])).toMatchObject({ added: known.length, bad: [] });
    await untilOcspSays(daemon.url, asked(issuer, known.at(-1) ?? "", "sha256"), "good");
  }
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
});

/** Takes the threads of the authority alone: a thread does not see the arguments of its process. */
function stub(hook: string): string {
  return `import { isMainThread } from "node:worker_threads";
if (isMainThread) process.env.PLANTED_IN = process.argv.includes("authority") ? "authority" : "";
else if (process.env.PLANTED_IN === "authority") await import(${JSON.stringify(hook)});
`;
}

const requests = new Map<string, Buffer>();

/** The request for a certificate; openssl makes it once. */
function asked(issuer: string, serialNumber: string, hash: "sha1" | "sha256"): Buffer {
  const name = `${issuer} ${serialNumber} ${hash}`;
  const setup = site.issuers.find((one) => one.name === issuer);
  if (!setup) throw new Error(`no issuer ${issuer}`);
  const made = requests.get(name) ?? ocspRequest(setup.pki, serialNumber, { hash });
  requests.set(name, made);
  return made;
}

async function ask<T>(path: string, document?: object): Promise<T> {
  const socketPath = site.places.admin;
  const sent = document ? { method: "POST", body: JSON.stringify(document) } : {};
  const { status, body } = await request(`http://localhost${path}`, { socketPath, ...sent });
  expect([status, body.toString()]).toEqual([200, expect.anything()]);
  return JSON.parse(body.toString()) as T;
}

function importByAdmin(
  issuer: string,
  good: readonly string[],
  revoked: readonly string[],
): Promise<ImportReport> {
  const common = { notAfter: "2036-01-01T00:00:00Z", invalidityDate: null, file: "x", line: 1 };
  const rows = [
    ...good.map((serialNumber) => ({
      ...common,
      serialNumber,
      status: "good",
      reason: null,
      revocationDate: null,
    })),
    ...revoked.map((serialNumber) => ({
      ...common,
      serialNumber,
      status: "revoked",
      reason: "keyCompromise",
      revocationDate: "2026-01-01T00:00:00Z",
    })),
  ];
  return ask(`/import/${issuer}`, { rows, by: "test", dryRun: false });
}

async function unsignedCount(issuer: string): Promise<number | undefined> {
  const { issuers } = await ask<Stats>("/stats");
  return issuers.find((one) => one.issuer === issuer)?.unsigned;
}

async function metrics(): Promise<Exposition> {
  return parsePrometheus((await request(`${daemon.opsUrl}/metrics`)).body.toString());
}

const failures = (read: Exposition, issuer: string, fault?: string): number =>
  total(read, "vouch_proof_failures_total", { issuer, ...(fault === undefined ? {} : { fault }) });

async function says(issuer: string, serialNumber: string): Promise<string[]> {
  const hashes = ["sha1", "sha256"] as const;
  return Promise.all(hashes.map((hash) => ocspSays(daemon.url, asked(issuer, serialNumber, hash))));
}

const tryLater = ["tryLater", "tryLater"];

describe("a signing thread in which something goes wrong", () => {
  it("is a thread of the authority, and no other process has the hook", () => {
    const planted = readFileSync(inFolder("planted.log"), "utf8").trimEnd().split("\n");
    expect(planted.length).toBeGreaterThanOrEqual(2);
    const authority = String(authorityUnder(daemon.pid));
    expect(new Set(planted.map((line) => line.split(" ")[0]))).toEqual(new Set([authority]));
    expect(planted.map((line) => Number(line.split(" ")[1]))).not.toContain(0);
  });

  it.each(ISSUERS)("%s: signs rightly while nothing is planted", async (issuer) => {
    expect(failures(await metrics(), issuer)).toBe(0);
    expect(await unsignedCount(issuer)).toBe(0);
  });

  const cases = ISSUERS.flatMap((issuer) =>
    faultsOf(issuer).map((planned) => [...planned, issuer] as const),
  );

  it.each(cases)("%s is counted as %s and never served (%s)", async (planted, fault, issuer) => {
    const { known, good, revoked } = serials(planted);
    plant(planted);
    const before = await metrics();
    const isOfRevoked = planted === "wrong reason";
    // Live answers come back without a serialNumber that could be another's: they are right.
    const isOfRecords = planted === "another record";
    const withheld = (right: string): string[] => (isOfRecords ? [right, right] : tryLater);

    const report = await importByAdmin(issuer, [good], [revoked]);
    expect(report).toMatchObject({ added: 2, bad: [] });
    expect(await says(issuer, revoked)).toEqual(withheld("revoked"));
    expect(await says(issuer, good)).toEqual(isOfRevoked ? ["good", "good"] : withheld("good"));
    expect(await says(issuer, known)).toEqual(["good", "good"]);

    const done = await revokeByAdmin(site.places, issuer, known);
    expect(done).toMatchObject({ changed: 1, unsigned: [known], refused: [] });
    for (let time = 0; time < 3; time++) {
      expect(await says(issuer, known)).toEqual(withheld("revoked"));
    }
    expect(await statusByAdmin(site.places, issuer, known)).toMatchObject({
      status: "revoked",
      certStatus: "revoked",
      answers: [],
    });

    const after = await metrics();
    expect(failures(after, issuer, fault) - failures(before, issuer, fault)).toBeGreaterThanOrEqual(
      2,
    );
    // The sweep, just under way, may have met the fault before; no third word has come.
    const planned = faultsOf(issuer);
    const words = [fault, planned[planned.findIndex(([name]) => name === planted) - 1]?.[1]];
    const others = FAULTS.map(([, word]) => word).filter((word) => !words.includes(word));
    for (const word of others) {
      expect([word, failures(after, issuer, word)]).toEqual([word, failures(before, issuer, word)]);
    }
    expect(await unsignedCount(issuer)).toBeGreaterThanOrEqual(2);
  });

  it("is told by the commands: revoke names what is unsigned", async () => {
    plant("a bit of the signature");
    const serialNumber = "50fff0";
    const csv = inFolder("one.csv");
    writeFileSync(csv, `serialNumber,notAfter,status\n${serialNumber},2036-01-01T00:00:00Z,good\n`);
    const imported = await site.vouch(["import", "ec", csv, "--format", "csv"], { json: true });
    expect(imported.json).toMatchObject({ added: 1, bad: [] });
    const revoked = await site.vouch(["revoke", "ec", serialNumber, "--reason", "superseded"], {
      json: true,
    });
    expect(revoked.json).toMatchObject({ changed: 1, unsigned: [serialNumber] });
    expect(await says("ec", serialNumber)).toEqual(tryLater);
  });
});

describe("once the daemon runs again without the fault", () => {
  it("the answers come by themselves, each the right one", async () => {
    await daemon.stop();
    daemon = await startDaemon(site.places);
    for (const issuer of ISSUERS) {
      for (const [fault] of faultsOf(issuer)) {
        const { known, good, revoked } = serials(fault);
        await untilOcspSays(daemon.url, asked(issuer, known, "sha1"), "revoked");
        expect(await says(issuer, known)).toEqual(["revoked", "revoked"]);
        expect(await says(issuer, good)).toEqual(["good", "good"]);
        expect(await says(issuer, revoked)).toEqual(["revoked", "revoked"]);
      }
      expect(await unsignedCount(issuer)).toBe(0);
      expect(failures(await metrics(), issuer)).toBe(0);
    }
  });
});
