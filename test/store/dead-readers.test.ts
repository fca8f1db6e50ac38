import { statSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dataFile } from "../../src/config/data-files.ts";
import { type StoreProcess, storeProcess, type TempStore, tempStore } from "./temp-store.ts";

const COMMITS = 2_000;
const OCTETS = 8_192;

let temp: TempStore;
let reader: StoreProcess | undefined;

beforeEach(async () => {
  temp = tempStore();
  await commit(20);
  // From its first read on, this process stands in the table as well.
  temp.store.get("records", Buffer.from("first"));
});

afterEach(async () => {
  await reader?.kill9();
  await temp.close();
});

/** Writes one row of a few pages again and again, each time in a commit of its own. */
async function commit(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await temp.store.transact((transaction) =>
      transaction.put("records", Buffer.from("first"), Buffer.alloc(OCTETS, time)),
    );
  }
}

/** A reader that was killed in the middle of a read. */
async function deadReader(): Promise<void> {
  reader = await storeProcess("hold", temp.folder);
  expect(reader.line).toBe("registered");
  await reader.kill9();
}

const size = (): number => statSync(dataFile(temp.folder)).size;

it("a killed reader pins pages: without the check the file grows", async () => {
  const before = size();
  await deadReader();
  await commit(200);
  expect(temp.store.readers().oldestTxns).toBeGreaterThanOrEqual(199);
  expect(size() - before).toBeGreaterThan(100 * OCTETS);
  temp.store.clearDeadReaders();
  expect(temp.store.readers().oldestTxns).toBeLessThan(5);
});

it(`clearDeadReaders clears it away: over ${COMMITS} commits the file does not keep growing`, async () => {
  const readers = temp.store.readers().count;
  await deadReader();
  expect(temp.store.readers().count).toBe(readers + 1);
  temp.store.clearDeadReaders();
  expect(temp.store.readers().count).toBe(readers);
  await commit(100);
  const early = size();
  await commit(COMMITS - 100);
  expect(size() - early).toBeLessThanOrEqual(20 * OCTETS);
});

it("a living reader is left alone by the check", async () => {
  reader = await storeProcess("hold", temp.folder);
  const { count } = temp.store.readers();
  await commit(10);
  temp.store.clearDeadReaders();
  expect(temp.store.readers().count).toBe(count);
  expect(temp.store.readers().oldestTxns).toBeGreaterThanOrEqual(10);
});
