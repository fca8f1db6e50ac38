import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LiveSigner } from "../../src/authority/live/live-signer.ts";
import { Sweep } from "../../src/authority/sweep.ts";
import { DerError } from "../../src/der/reader.ts";
import { LONGEST_RECORD } from "../../src/ocsp/record.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { issueSigner } from "../setup/planted.ts";
import { certID } from "./live/asking.ts";
import { type Office, openOffice, row, serials } from "./office.ts";

/*
 * Whatever happens, of two answers for one certificate the one that was signed later has no earlier
 * thisUpdate, and none is from the future.
 */

const HOUR = 3_600;
const names = serials(12);

/** What may happen, in any order; numbers are seconds, or which of several. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("pass" as const),
      seconds: fc.integer({ min: 1, max: 30 * HOUR }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("jump" as const),
      seconds: fc.integer({ min: -40_000, max: 40_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constantFrom("sweep", "sweep", "restart", "accept") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("reload" as const),
      backdate: fc.constantFrom("0", "1m", "5m", "2h"),
      validity: fc.constantFrom("6h", "24h", "4d"),
      signer: fc.constantFrom("first", "second"),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom("hold", "release", "revoke", "import", "live", "live"),
      which: fc.integer({ min: 0, max: names.length - 1 }),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

let office: Office;
/** The latest thisUpdate of all answers for a certificate, and its record with the last that was signed ahead. */
const seen = new Map<string, { thisUpdate: number; octets: string }>();
let answers = 0;
let imports = 0;

beforeAll(async () => {
  office = await openOffice({
    issuers: () => [{ name: "gov-1", more: { hold: true } }],
    clock: "watched",
  });
  office.now = Math.floor(Date.now() / 1000);
  const first = readFileSync(office.config.file, "utf8");
  for (const kind of ["pem", "key"]) {
    copyFileSync(`${office.pki.folder}/planted.${kind}`, `${office.pki.folder}/first.${kind}`);
  }
  issueSigner(office.pki, { days: [-30, 365] });
  for (const kind of ["pem", "key"]) {
    copyFileSync(`${office.pki.folder}/planted.${kind}`, `${office.pki.folder}/second.${kind}`);
  }
  writeFileSync(office.config.file, first.replaceAll("/planted.", "/first."));
  await office.reload();
  await office.import(names.map((name) => row(name)));
});

afterAll(() => office.close());

/** What was signed ahead since: it is later than all before it. */
function look(): void {
  const now = office.desk.clock();
  for (const name of names) {
    const record = office.record(name);
    const before = seen.get(name) ?? { thisUpdate: 0, octets: "" };
    if (record.hashes.length === 0) continue;
    const octets = office.octets(name)?.toString("hex") ?? "";
    expect(octets.length).toBeLessThanOrEqual(2 * LONGEST_RECORD);
    if (octets === before.octets) continue;
    answers++;
    expect(record.thisUpdate).toBeGreaterThanOrEqual(before.thisUpdate);
    expect(record.thisUpdate).toBeLessThanOrEqual(record.producedAt);
    expect(record.producedAt).toBeLessThanOrEqual(now);
    expect(record.nextUpdate).toBeGreaterThan(record.thisUpdate);
    seen.set(name, { thisUpdate: record.thisUpdate, octets });
  }
}

async function askLive(name: string): Promise<void> {
  const { store, issuers, underWay, floor, clock, maySign, log } = office.desk;
  const sources = { store, issuers, underWay, floor: (issuer: number) => floor.of(issuer) };
  const signing = { live: office.live };
  const signer = new LiveSigner({ sources, signing, floor, clock, maySign, log });
  const request = readRequest(encodeRequest([certID(office, name)], Buffer.of(4, 1, 7)));
  if (request instanceof DerError) throw request;
  const reply = await signer.ask(request);
  if (typeof reply === "string") return;
  answers++;
  const before = seen.get(name) ?? { thisUpdate: 0, octets: "" };
  expect(reply.thisUpdate).toBeGreaterThanOrEqual(before.thisUpdate);
  expect(reply.thisUpdate).toBeLessThanOrEqual(office.desk.clock());
  seen.set(name, { ...before, thisUpdate: reply.thisUpdate });
}

async function sweepOnce(): Promise<void> {
  const sweep = new Sweep(office.desk);
  sweep.start();
  await sweep.stop();
}

async function reload(to: Happening & { what: "reload" }): Promise<void> {
  const text = readFileSync(office.config.file, "utf8")
    .replaceAll(/\/(first|second)\.(pem|key)/g, `/${to.signer}.$2`)
    .replace(/ {6}(backdate|validity): .*\n/g, "")
    .replace(/ {4}ocsp:\n/, `$&      backdate: ${to.backdate}\n      validity: ${to.validity}\n`);
  writeFileSync(office.config.file, text);
  await office.reload();
}

async function happen(one: Happening): Promise<void> {
  switch (one.what) {
    case "pass":
    case "jump":
      if (one.what === "pass") office.uptime += one.seconds;
      office.now = (office.now ?? 0) + one.seconds;
      return;
    case "sweep":
      return sweepOnce();
    case "restart":
      return office.reopen();
    case "accept":
      return void (await office.watch?.accept("test"));
    case "reload":
      return reload(one);
    default:
      return change(one.what, names[one.which] as string);
  }
}

async function change(
  what: "hold" | "release" | "revoke" | "import" | "live",
  name: string,
): Promise<void> {
  if (what === "live") return askLive(name);
  if (what !== "import") return void (await office[what]([name]));
  const year = 2030 + (imports++ % 60);
  await office.import([row(name, { notAfter: `${year}-01-01T00:00:00Z` })]);
}

describe("thisUpdate of one certificate's answers", () => {
  it("never goes back: across restarts, reloads, other signers, changes of status and of the clock", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 12 }), async (course) => {
        for (const one of course) {
          await happen(one);
          look();
        }
        await office.watch?.accept("test");
      }),
      { numRuns: 20 },
    );
    // Else it would say nothing.
    expect(answers).toBeGreaterThan(20);
    expect(office.errors.join()).not.toMatch(/proof failed/);
  }, 900_000);
});
