import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Office, openOffice } from "./office.ts";

let office: Office;

beforeEach(async () => {
  office = await openOffice({ ocsp: { validity: "24h" } });
});

afterEach(() => office.close());

function write(from: string, to: string): void {
  const { file } = office.config;
  writeFileSync(file, readFileSync(file, "utf8").replace(`validity: ${from}`, `validity: ${to}`));
}

it("a reload whose keys are slow does not undo what a later one has applied", async () => {
  const [tried, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  office.beforeProbe = () => {
    tried.resolve();
    return held.promise;
  };
  write("24h", "30h");
  const first = office.reload();
  await tried.promise;
  office.beforeProbe = () => Promise.resolve();
  write("30h", "36h");
  const second = office.reload();
  // It waits for the first; else it would be over long before.
  await Promise.race([second, sleep(1_000)]);
  held.resolve();
  await Promise.all([first, second]);
  expect(office.issuer().config.ocsp.validitySeconds).toBe(36 * 3_600);
});

it("a change that is made while a reload is being written begins from the new configuration", async () => {
  write("24h", "30h");
  const { store } = office.desk;
  const transact = store.transact.bind(store);
  const changed: Promise<void>[] = [];
  store.transact = (body) => {
    store.transact = transact;
    const written = transact(body);
    changed.push(office.tellAnew());
    return written;
  };
  await office.reload();
  await Promise.all(changed);
  expect(changed).toHaveLength(1);
  expect(office.issuer().config.ocsp.validitySeconds).toBe(30 * 3_600);
});
