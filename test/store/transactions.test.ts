import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStoreReader } from "../../src/store/lmdb.ts";
import { type Row, TABLES, type Transaction } from "../../src/store/store.ts";
import { type TempStore, tempStore } from "./temp-store.ts";

let temp: TempStore;

beforeEach(() => {
  temp = tempStore();
});

afterEach(async () => {
  await temp.close();
});

const key = Buffer.from("key");
const value = (text: string): Buffer => Buffer.from(text);

/** All that a store holds, by table, as a reader sees it that has just opened it. */
async function everything(): Promise<Record<string, string[]>> {
  const reader = openStoreReader(temp.folder);
  const all = { start: Buffer.alloc(1), end: Buffer.alloc(40, 0xff), limit: 1_000 };
  const text = ({ key: name, value: octets }: Row): string => `${name}=${octets}`;
  const found = TABLES.map((table) => [table, reader.rows(table, all).map(text)] as const);
  await reader.close();
  return Object.fromEntries(found.filter(([, rows]) => rows.length > 0));
}

/** The statements of a change over several tables, one after another. */
const statements: readonly ((transaction: Transaction) => void)[] = [
  (transaction) => transaction.put("records", key, value("revoked")),
  (transaction) => transaction.put("revoked", key, value("keyCompromise")),
  (transaction) => transaction.remove("pending", key),
  (transaction) => transaction.put("journal", Buffer.from("000001"), value("event")),
  (transaction) => transaction.put("settings", Buffer.from("sequence"), value("1")),
];

const before = { records: ["key=good"], pending: ["key=waits"] };

describe("a body that throws", () => {
  beforeEach(async () => {
    await temp.store.transact((transaction) => {
      transaction.put("records", key, value("good"));
      transaction.put("pending", key, value("waits"));
    });
  });

  it.each(Array.from({ length: statements.length + 1 }, (_, count) => count))(
    "after %i statements leaves nothing, and the changes beside it are made",
    async (count) => {
      const broken = temp.store.transact((transaction) => {
        for (const statement of statements.slice(0, count)) statement(transaction);
        throw new Error(`planted after ${count}`);
      });
      const beside = temp.store.transact((transaction) =>
        transaction.put("changes", key, value("beside")),
      );
      await expect(broken).rejects.toThrow(`planted after ${count}`);
      await beside;
      expect(await everything()).toEqual({ ...before, changes: ["key=beside"] });
    },
  );

  it("and without the throw all of it is there", async () => {
    await temp.store.transact((transaction) => {
      for (const statement of statements) statement(transaction);
    });
    expect(await everything()).toEqual({
      records: ["key=revoked"],
      revoked: ["key=keyCompromise"],
      journal: ["000001=event"],
      settings: ["sequence=1"],
    });
  });
});

describe("changes that are asked for in one turn", () => {
  it("are each their own, in their order", async () => {
    const changes = Array.from({ length: 50 }, (_, number) =>
      temp.store.transact((transaction) => {
        const last = transaction.get("settings", key);
        transaction.put("settings", key, value(`${last ?? ""}${number},`));
        if (number % 7 === 3) throw new Error(`planted in ${number}`);
        return number;
      }),
    );
    const outcomes = await Promise.allSettled(changes);
    const made = Array.from({ length: 50 }, (_, number) => number).filter((n) => n % 7 !== 3);
    expect(
      outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    ).toEqual(made);
    expect(await everything()).toEqual({ settings: [`key=${made.join(",")},`] });
  });

  it("see what the ones before them wrote, and so does a read after they resolve", async () => {
    const first = temp.store.transact((transaction) =>
      transaction.put("records", key, value("one")),
    );
    const second = temp.store.transact((transaction) => {
      const seen = transaction.get("records", key)?.toString();
      transaction.put("records", key, value("two"));
      return [seen, transaction.get("records", key)?.toString()];
    });
    await first;
    expect(await second).toEqual(["one", "two"]);
    expect(temp.store.get("records", key)?.toString()).toBe("two");
  });
});

describe("a reader in another environment", () => {
  it("sees a change once its promise has resolved, and keeps its snapshot until it refreshes", async () => {
    await temp.store.transact((transaction) => transaction.put("records", key, value("one")));
    const reader = openStoreReader(temp.folder);
    expect(reader.get("records", key)?.toString()).toBe("one");
    await temp.store.transact((transaction) => transaction.put("records", key, value("two")));
    reader.refresh();
    expect(reader.get("records", key)?.toString()).toBe("two");
    await reader.close();
  });

  it("gets copies: a later read does not change what an earlier one returned", async () => {
    await temp.store.transact((transaction) => {
      transaction.put("records", Buffer.from("a"), value("first value"));
      transaction.put("records", Buffer.from("b"), value("other value"));
    });
    const first = temp.store.get("records", Buffer.from("a"));
    const [row] = temp.store.rows("records", { start: key.subarray(0, 0), end: key, limit: 1 });
    temp.store.get("records", Buffer.from("b"));
    temp.store.copyInto("records", Buffer.from("b"), Buffer.alloc(100));
    expect([first?.toString(), row?.value.toString()]).toEqual(["first value", "first value"]);
  });
});
