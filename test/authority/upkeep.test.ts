import { afterEach, expect, it } from "vitest";
import { Census } from "../../src/authority/census.ts";
import { Unanswered } from "../../src/authority/unanswered.ts";
import { Upkeep } from "../../src/authority/upkeep.ts";
import { encodeRecordHead } from "../../src/ocsp/record.ts";
import { recordKey } from "../../src/store/keys.ts";
import { type TempStore, tempStore } from "../store/temp-store.ts";
import { serial, serials } from "./office.ts";

const RECORDS = 5_000;

const unsigned = encodeRecordHead({
  ...{ status: "good", reason: 0, revocationDate: 0, invalidityDate: undefined },
  ...{ notAfter: 2_000_000_000, version: 1, hashes: [], signer: 0 },
  ...{ thisUpdate: 1, producedAt: 1, nextUpdate: 1 },
});

let temp: TempStore | undefined;
const unheard: unknown[] = [];
const note = (reason: unknown): void => {
  unheard.push(reason);
};

afterEach(() => {
  process.off("unhandledRejection", note);
});

it("stopped while it counts a large store, it leaves it alone before that is closed", async () => {
  temp = tempStore();
  const { store, close } = temp;
  await store.transact((transaction) => {
    for (const name of serials(RECORDS))
      transaction.put("records", recordKey(1, serial(name)), unsigned);
  });
  process.on("unhandledRejection", note);
  const census = new Census();
  const upkeep = new Upkeep({ store, census, unanswered: new Unanswered() });
  upkeep.start();
  await upkeep.stop();
  expect(census.isComplete).toBe(false);
  await close();
  // Whatever had still been under way would have found it closed by now.
  await new Promise((resolve) => setImmediate(resolve));
  expect(unheard).toEqual([]);
});

it("counts what is there, and notes what has no answer", async () => {
  temp = tempStore();
  const { store, close } = temp;
  await store.transact((transaction) => {
    for (const name of serials(3)) transaction.put("records", recordKey(1, serial(name)), unsigned);
  });
  const [census, unanswered] = [new Census(), new Unanswered()];
  const upkeep = new Upkeep({ store, census, unanswered });
  upkeep.start();
  await expect.poll(() => census.isComplete).toBe(true);
  expect([census.records, unanswered.size]).toEqual([3, 3]);
  await upkeep.stop();
  await close();
});
