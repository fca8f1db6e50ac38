import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { IssueRequest, PublishedCRL } from "../../src/authority/admin-crl-types.ts";
import { lastSequence } from "../../src/authority/revoked-walk.ts";
import { readCertificateList } from "../../src/crl/certificate-list.ts";
import { encodeRevocation } from "../../src/crl/revocation.ts";
import { type CRLScope, shardOf, shardOfScope } from "../../src/crl/scope.ts";
import { readCRLRows } from "../../src/store/crl-rows.ts";
import { readJournal } from "../../src/store/journal.ts";
import { recordKey } from "../../src/store/keys.ts";
import { reasonName } from "../../src/x509/reason.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

/* CRLs that are made while certificates are revoked, suspended and released list one state of the store. */

const FILLING = 25_000;
const SHARDS = 3;
const URL = "http://crl.example.vn/crl/gov-1.crl";

let office: Office;

afterEach(() => office.close());

/** Entries, by serial number, that no rule has made: the walk over them takes many steps. */
async function fill(): Promise<void> {
  const value = encodeRevocation({
    reason: 1,
    revocationDate: 1_780_000_000,
    invalidityDate: undefined,
  });
  const { number } = office.issuer();
  await office.desk.store.transact((transaction) => {
    for (const name of serials(FILLING, 0x20_00_00)) {
      transaction.put("revoked", recordKey(number, serial(name)), value);
    }
  });
}

/** Certificates before, among and after those. */
const CHANGING = [0x10_00_00, 0x20_10_00, 0x20_40_00, 0x20_80_00, 0x30_00_00].flatMap((first) =>
  serials(200, first + 0x80_00_00_00),
);

/** What changes of status make of certificates, by the journal up to a sequence. */
function stateAt(sequence: number, after = 0): Map<string, string | undefined> {
  const state = new Map<string, string | undefined>();
  for (let at = after + 1; at <= sequence; at++) {
    const event = readJournal(office.desk.store, at);
    if (!event?.serialNumber) continue;
    state.set(event.serialNumber, event.action === "release" ? undefined : event.reason);
  }
  return state;
}

function sequenceOf(crl: PublishedCRL): number {
  office.desk.store.refresh();
  const rows = readCRLRows(office.desk.store, office.issuer().number, crl.scope as CRLScope, 100);
  return rows.find(({ crlNumber }) => crlNumber === crl.crlNumber)?.sequence ?? -1;
}

function listedOf(crl: PublishedCRL): string[] {
  const listed: string[] = [];
  readCertificateList(readFileSync(crl.file), ({ serialNumber, reason }) => {
    const name = serialNumberText(serialNumber);
    if (name.length > 6) listed.push(`${name} ${reasonName(reason)}`);
  });
  return listed;
}

/** What each lists, read before newer ones take its file away. */
const lists = new Map<PublishedCRL, string[]>();

async function issue(request: Partial<IssueRequest> = {}): Promise<PublishedCRL[]> {
  const crls = await office.issueCRLs(request);
  for (const crl of crls) lists.set(crl, listedOf(crl));
  return crls;
}

function expectState(crl: PublishedCRL, fullSequence: Map<string, number>): void {
  expect(crl.refused).toBeNull();
  const sequence = sequenceOf(crl);
  const shard = shardOfScope(crl.scope as CRLScope);
  const base = crl.baseCRLNumber === null ? 0 : (fullSequence.get(crl.baseCRLNumber) ?? sequence);
  const removed = crl.baseCRLNumber === null ? undefined : "removeFromCRL";
  const expected = [...stateAt(sequence, base)]
    .map(([name, reason]) => [name, reason ?? removed] as const)
    .filter(
      ([name, reason]) =>
        reason && (shard === undefined || shardOf(serial(name), SHARDS) === shard),
    )
    .map(([name, reason]) => `${name} ${reason}`);
  expect([crl.scope, lists.get(crl)]).toEqual([crl.scope, expected.sort()]);
}

/**
 * Suspends, releases and revokes until `isOver`. A second change of one certificate comes long after the
 * first: within the same second it would have to wait for the next, and nothing would change meanwhile.
 */
async function change(isOver: () => boolean): Promise<void> {
  const at = (turn: number): string => CHANGING[turn % CHANGING.length] as string;
  for (let turn = CHANGING.length; !isOver(); turn++) {
    await office.hold([at(turn)]);
    await office.release([at(turn - 500)]);
    if (turn % 9 === 8) await office.revoke([at(turn - 250)], "superseded");
  }
}

/** Issues CRLs until some changed while they were read, a few times. */
async function issueAmidChanges(): Promise<PublishedCRL[]> {
  const made: PublishedCRL[] = [];
  for (let [round, amid] = [0, 0]; amid < 3; round++) {
    if (round === 40) throw new Error("nothing changes while CRLs are read");
    const before = lastSequence(office.desk.store);
    const crls = await issue();
    expect(new Set(crls.map(sequenceOf)).size).toBe(1);
    if (sequenceOf(crls[0] as PublishedCRL) > before) amid++;
    made.push(...crls, ...(await issue({ kinds: "delta" })));
  }
  return made;
}

describe("CRLs of one round", () => {
  it("list the state of one moment, whatever changes while they are made", async () => {
    const issuers = () => [{ name: "gov-1", more: { hold: true } }];
    office = await openOffice({ crl: { url: URL, delta: "1h", shards: SHARDS }, issuers });
    await fill();
    await office.import([...CHANGING].sort().map((name) => row(name)));
    const first = await issue();
    let isOver = false;
    const changing = change(() => isOver);
    const made = [...first, ...(await issueAmidChanges())];
    isOver = true;
    await changing;
    office.desk.store.refresh();
    const full = made.filter(({ scope }) => scope === "full");
    const sequences = new Map(full.map((crl) => [crl.crlNumber, sequenceOf(crl)]));
    expect(full.at(-1)?.entries).toBeGreaterThan(FILLING);
    for (const crl of made) expectState(crl, sequences);
  });
});
