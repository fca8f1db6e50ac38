// Asks at a steady pace, whatever the answers take, and prints what came of it as one line of JSON.
//
//   node load/flood/paced.ts PLAN     (a PacedPlan as JSON)
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { responseStatus } from "../site/asker.ts";
import { percentile } from "../site/spread.ts";
import { FloodConnection } from "./flood-connection.ts";
import type { PacedPlan, PacedResult } from "./plan.ts";
import { WireRequest } from "./wire-request.ts";

const TICK_MS = 1;
/** More than this time's requests are never sent at once: who is late goes on at the pace, and does not burst. */
const MOST_AT_ONCE_MS = 3;
const TRY_LATER = 3;

const plan = JSON.parse(process.argv[2] ?? "{}") as PacedPlan;
const url = new URL(plan.url);
const ders = JSON.parse(readFileSync(plan.requestsFile, "utf8")) as string[];
const requests = ders.map(
  (der) => new WireRequest(plan.kind, Buffer.from(der, "base64"), url.host),
);
const times: number[] = [];
const result = { kind: plan.kind, failed: 0, tryLater: 0, nonces: 0 };

/** In turn by address. */
async function openAll(): Promise<FloodConnection[]> {
  const all: FloodConnection[] = [];
  for (let i = 0; i < plan.addresses * plan.connections; i++) {
    const address = i % plan.addresses;
    const from = `127.0.${Math.floor(address / 250)}.${1 + (address % 250)}`;
    all.push(await FloodConnection.open(url, from));
  }
  return all;
}

async function ask(connection: FloodConnection, i: number): Promise<void> {
  const { octets, own } = (requests[i % requests.length] as WireRequest).fresh();
  const began = performance.now();
  const answer = await connection.ask(octets);
  times.push(performance.now() - began);
  if (!answer) result.failed++;
  else if (responseStatus(answer) === TRY_LATER) result.tryLater++;
  else if (plan.kind === "nonce" && answer.includes(own)) result.nonces++;
  free.push(connection);
}

const all = await openAll();
const free = [...all];
const began = performance.now();
const end = began + plan.seconds * 1000;
const mostAtOnce = Math.ceil((plan.rate * MOST_AT_ONCE_MS) / 1000);
const asked: Promise<void>[] = [];
let sentUntil = began;
while (performance.now() < end) {
  const now = performance.now();
  sentUntil = Math.max(sentUntil, now - MOST_AT_ONCE_MS);
  let due = Math.min(mostAtOnce, Math.floor(((now - sentUntil) * plan.rate) / 1000));
  for (; due > 0 && free.length > 0; due--) {
    sentUntil += 1000 / plan.rate;
    asked.push(ask(free.shift() as FloodConnection, asked.length));
  }
  await sleep(TICK_MS);
}
await Promise.all(asked);
for (const connection of all) connection.close();
const spent = {
  requests: times.length,
  seconds: (performance.now() - began) / 1000,
  p50Ms: percentile(times, 0.5),
  p99Ms: percentile(times, 0.99),
};
process.stdout.write(`${JSON.stringify({ ...spent, ...result } satisfies PacedResult)}\n`);
