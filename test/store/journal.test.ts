import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  appendJournal,
  canonicalOctets,
  type JournalEntry,
  type JournalEvent,
  leafHash,
  readJournal,
} from "../../src/store/journal.ts";
import { sequenceKey } from "../../src/store/keys.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { issuerNumber, signerNumber } from "../../src/store/settings.ts";
import { type TempStore, tempStore } from "./temp-store.ts";

let temp: TempStore;

beforeEach(() => {
  temp = tempStore();
});

afterEach(async () => {
  await temp.close();
});

const revocation: JournalEntry = {
  sequence: 42,
  action: "revoke",
  by: "nguyễn.văn.a",
  at: "2026-03-01T09:30:00Z",
  issuer: "gov-1",
  serialNumber: "ff303ae4e90ac1ed",
  reason: "keyCompromise",
  revocationDate: "2026-03-01T09:29:00Z",
  invalidityDate: undefined,
  request: 'QĐ-17/"2026"',
  agency: "Bộ Nội vụ\n",
};

const goldenOctets =
  '{"action":"revoke","agency":"Bộ Nội vụ\\n","at":"2026-03-01T09:30:00Z","by":"nguyễn.văn.a",' +
  '"issuer":"gov-1","reason":"keyCompromise","request":"QĐ-17/\\"2026\\"",' +
  '"revocationDate":"2026-03-01T09:29:00Z","sequence":42,"serialNumber":"ff303ae4e90ac1ed"}';

function opensslSha256(octets: Buffer): string {
  const { stdout } = spawnSync("openssl", ["dgst", "-sha256", "-binary"], { input: octets });
  return stdout.toString("hex");
}

describe("an entry's octets", () => {
  it("are as they always were (they are hashed, and must never change)", () => {
    expect(canonicalOctets(revocation).toString("utf8")).toBe(goldenOctets);
  });

  it("do not depend on the order in which the entry was put together", () => {
    const turned = Object.fromEntries(
      Object.entries(revocation).reverse(),
    ) as unknown as JournalEntry;
    expect(canonicalOctets(turned).toString("utf8")).toBe(goldenOctets);
  });

  it("have the leaf hash of RFC 6962: SHA-256 over 0x00 and the octets, as openssl computes it", () => {
    const octets = canonicalOctets(revocation);
    const wanted = opensslSha256(Buffer.concat([Buffer.of(0), octets]));
    expect(leafHash(octets).toString("hex")).toBe(wanted);
    expect(leafHash(octets).toString("hex")).not.toBe(opensslSha256(octets));
  });
});

const event = (serialNumber: string): JournalEvent => ({
  action: "revoke",
  by: "test",
  at: "2026-03-01T09:30:00Z",
  serialNumber,
});

describe("the journal", () => {
  it("keeps each entry behind its leaf hash, under a sequence that rises by one", async () => {
    const sequences = await Promise.all(
      ["a1", "a2", "a3"].map((serial) =>
        temp.store.transact((transaction) => appendJournal(transaction, event(serial))),
      ),
    );
    expect(sequences).toEqual([1, 2, 3]);
    for (const [index, serialNumber] of ["a1", "a2", "a3"].entries()) {
      const sequence = index + 1;
      const kept = temp.store.get("journal", sequenceKey(sequence)) ?? Buffer.alloc(0);
      const octets = canonicalOctets({ ...event(serialNumber), sequence });
      expect(kept.subarray(32)).toEqual(octets);
      expect(kept.toString("hex", 0, 32)).toBe(
        opensslSha256(Buffer.concat([Buffer.of(0), octets])),
      );
      expect(readJournal(temp.store, sequence)).toEqual({ ...event(serialNumber), sequence });
    }
    expect(readJournal(temp.store, 4)).toBeUndefined();
  });

  it("leaves no gap where a change was given up, and goes on after a restart", async () => {
    const append = (serial: string, fails = false): Promise<number> =>
      temp.store.transact((transaction) => {
        const sequence = appendJournal(transaction, event(serial));
        if (fails) throw new Error("planted");
        return sequence;
      });
    expect(await append("a1")).toBe(1);
    await expect(append("a2", true)).rejects.toThrow("planted");
    await temp.store.close();
    temp = { ...temp, store: openStore(temp.folder), close: temp.close };
    expect(await append("a3")).toBe(2);
    expect(readJournal(temp.store, 2)).toMatchObject({ serialNumber: "a3" });
    await temp.store.close();
  });

  it("sorts by sequence, also where that needs more octets", async () => {
    const sequences = [1, 255, 256, 65_536, 2 ** 40];
    const keys = sequences.map(sequenceKey);
    expect(keys.toSorted(Buffer.compare)).toEqual(keys);
  });
});

describe("issuerNumber and signerNumber", () => {
  const name = (text: string): Buffer => Buffer.from(text);

  it("stay the same whatever the order, and after a restart", async () => {
    const number = (ca: string, key: string): Promise<number> =>
      temp.store.transact((transaction) => issuerNumber(transaction, name(ca), name(key)));
    const first = [
      await number("CA 1", "k1"),
      await number("CA 2", "k2"),
      await number("CA 1", "k2"),
    ];
    expect(new Set(first).size).toBe(3);
    expect([
      await number("CA 1", "k2"),
      await number("CA 2", "k2"),
      await number("CA 1", "k1"),
    ]).toEqual(first.toReversed());
    await temp.store.close();
    temp = { ...temp, store: openStore(temp.folder), close: temp.close };
    expect(await number("CA 2", "k2")).toBe(first[1]);
    const later = await number("CA 3", "k3");
    expect(first).not.toContain(later);
    expect(await number("CA 1", "k1")).toBe(first[0]);
    await temp.store.close();
  });

  it("of signers are counted apart from issuers", async () => {
    const numbers = await temp.store.transact((transaction) => [
      signerNumber(transaction, name("signer 1")),
      signerNumber(transaction, name("signer 2")),
      issuerNumber(transaction, name("CA 1"), name("k1")),
      signerNumber(transaction, name("signer 1")),
    ]);
    expect(numbers).toEqual([1, 2, 1, 1]);
  });
});
