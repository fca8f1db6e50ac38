import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StartError } from "../../src/observe/start-error.ts";
import { issuerRange, recordKey } from "../../src/store/keys.ts";
import { openStore, openStoreReader } from "../../src/store/lmdb.ts";
import { requireSchema, SCHEMA_VERSION, writeSetting } from "../../src/store/settings.ts";
import { parseSerialNumber, type SerialNumber } from "../../src/x509/serial-number.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { type TempStore, tempStore } from "./temp-store.ts";

let temp: TempStore;

beforeEach(() => {
  temp = tempStore();
});

afterEach(async () => {
  await temp.close();
});

async function put(...names: string[]): Promise<void> {
  await temp.store.transact((transaction) => {
    for (const name of names) {
      transaction.put("records", Buffer.from(name), Buffer.from(`value of ${name}`));
    }
  });
}

function names(start: string, end: string, limit: number, reverse?: true): string[] {
  const range = { start: Buffer.from(start), end: Buffer.from(end), limit };
  return temp.store
    .rows("records", reverse ? { ...range, reverse } : range)
    .map(({ key }) => key.toString());
}

describe("rows", () => {
  const cases: readonly (readonly [string, string, number, true | undefined, string])[] = [
    ["a", "z", 10, undefined, "b d f h"],
    ["b", "h", 10, undefined, "b d f"],
    ["b", "h", 2, undefined, "b d"],
    ["c", "g", 10, undefined, "d f"],
    ["h", "h", 10, undefined, ""],
    ["i", "z", 10, undefined, ""],
    ["a", "z", 10, true, "h f d b"],
    ["b", "h", 10, true, "f d b"],
    ["b", "h", 2, true, "f d"],
    ["b", "h", 3, true, "f d b"],
    ["c", "g", 10, true, "f d"],
    ["c", "g", 1, true, "f"],
    ["b", "c", 1, true, "b"],
    ["h", "h", 10, true, ""],
    ["a", "b", 10, true, ""],
  ];

  it.each(cases)(
    "from %s to %s, at most %i, reverse %s: %s",
    async (start, end, limit, reverse, wanted) => {
      await put("f", "b", "h", "d");
      expect(names(start, end, limit, reverse).join(" ")).toBe(wanted);
    },
  );

  it("are the same set forwards and backwards, in the order of their octets", async () => {
    const anyKey = fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyKey, { maxLength: 20 }), anyKey, anyKey, async (keys, a, b) => {
        const fresh = tempStore();
        await fresh.store.transact((transaction) => {
          for (const key of keys) transaction.put("records", key, Buffer.of(1));
        });
        const [start, end] = Buffer.compare(a, b) <= 0 ? [a, b] : [b, a];
        const range = { start, end, limit: 100 };
        const found = fresh.store.rows("records", range).map(({ key }) => key.toString("hex"));
        const backwards = fresh.store.rows("records", { ...range, reverse: true });
        await fresh.close();
        const wanted = [...new Set(keys.map((key) => Buffer.from(key).toString("hex")))]
          .filter((hex) => hex >= Buffer.from(start).toString("hex"))
          .filter((hex) => hex < Buffer.from(end).toString("hex"))
          .sort();
        expect(found).toEqual(wanted);
        expect(backwards.map(({ key }) => key.toString("hex"))).toEqual(wanted.toReversed());
      }),
      { numRuns: 40 },
    );
  });

  it("of one issuer are its own, whatever the length of the serial numbers", async () => {
    const serials = ["ff", "01", "0100", "80", "7fffffffffffffffffffffffffffffffffffff01"];
    const keyOf = (issuer: number, hex: string): Buffer =>
      recordKey(issuer, parseSerialNumber(hex) as SerialNumber);
    await temp.store.transact((transaction) => {
      for (const issuer of [1, 2, 0xffff]) {
        for (const hex of serials)
          transaction.put("records", keyOf(issuer, hex), Buffer.of(issuer & 0xff));
      }
    });
    for (const issuer of [1, 2, 0xffff]) {
      const rows = temp.store.rows("records", { ...issuerRange(issuer), limit: 100 });
      expect(rows.map(({ value }) => value[0])).toEqual(serials.map(() => issuer & 0xff));
      const wanted = serials.map((hex) => keyOf(issuer, hex)).sort(Buffer.compare);
      expect(rows.map(({ key }) => key.toString("hex"))).toEqual(
        wanted.map((key) => key.toString("hex")),
      );
    }
  });
});

describe("rows, once read", () => {
  it.each([1, 16, 9_000, 200_000])("stay as they were: values of %d octets", async (octets) => {
    const keys = ["b", "c", "d"].map((name) => Buffer.from(name));
    const fillWith = (octet: number): Promise<void> =>
      temp.store.transact((transaction) => {
        for (const key of keys) transaction.put("records", key, Buffer.alloc(octets, octet));
      });
    await fillWith(1);
    const range = { start: Buffer.from("a"), end: Buffer.from("z"), limit: 10 };
    const rows = temp.store.rows("records", range);
    for (let octet = 2; octet < 6; octet++) {
      await fillWith(octet);
      temp.store.refresh();
      temp.store.rows("records", range);
      temp.store.copyInto("records", Buffer.from("c"), Buffer.alloc(octets));
    }
    expect(rows.map(({ key }) => key)).toEqual(keys);
    for (const { value } of rows) expect(value.equals(Buffer.alloc(octets, 1))).toBe(true);
  });
});

describe("copyInto", () => {
  it("copies the value alone and gives its length, or -1", async () => {
    await put("b");
    const into = Buffer.alloc(40, 0xaa);
    expect(temp.store.copyInto("records", Buffer.from("b"), into)).toBe(10);
    expect(into.toString("latin1", 0, 10)).toBe("value of b");
    expect(into.subarray(10).every((octet) => octet === 0xaa)).toBe(true);
    expect(temp.store.copyInto("records", Buffer.from("c"), into)).toBe(-1);
  });
});

describe("a store that is not there", () => {
  it.each([
    ["openStoreReader", openStoreReader],
    ["openStore", openStore],
  ])("%s says how to make one, and makes nothing", (_, open) => {
    const folder = tempFolder();
    const missing = join(folder, "var");
    expect(() => open(missing)).toThrow(StartError);
    expect(() => open(missing)).toThrow(`there is no store in ${missing}`);
    try {
      open(missing);
    } catch (error) {
      expect(error).toMatchObject({
        code: "storeMissing",
        do: expect.stringContaining("vouch init"),
      });
    }
    expect(existsSync(missing)).toBe(false);
    writeFileSync(join(folder, "other"), "");
    expect(() => open(folder)).toThrow(StartError);
    removeFolder(folder);
  });
});

describe("the schema", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, "schema none"],
    [0, "schema 0"],
    [SCHEMA_VERSION + 1, "newer version of Vouch"],
    ["1", "schema 1"],
  ];

  it.each(cases)("%j is refused", async (found, words) => {
    await temp.store.transact((transaction) => {
      if (found !== undefined) writeSetting(transaction, "schema", found);
    });
    try {
      requireSchema(temp.store);
      expect.unreachable("it was taken");
    } catch (error) {
      expect(error).toBeInstanceOf(StartError);
      expect(`${(error as StartError).message}: ${(error as StartError).do}`).toContain(words);
    }
  });

  it("of this version is taken", async () => {
    await temp.store.transact((transaction) => writeSetting(transaction, "schema", SCHEMA_VERSION));
    expect(() => requireSchema(temp.store)).not.toThrow();
  });
});
