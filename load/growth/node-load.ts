// What asks where wrk is missing; it prints what ask.lua prints.
//
//   REQUESTS=FILE node load/growth/node-load.ts '{"url":…,"seconds":…,"connections":…,"delayMs":…}'
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Asker } from "../site/asker.ts";
import { percentile } from "../site/spread.ts";
import type { LoadPlan, LoadResult } from "./request-load.ts";

function readRequests(file: string): Buffer[] {
  const octets = readFileSync(file);
  const requests: Buffer[] = [];
  for (let at = 0; at < octets.length; ) {
    const start = at + 2;
    at = start + octets.readUInt16BE(at);
    requests.push(octets.subarray(start, at));
  }
  return requests;
}

async function load(plan: LoadPlan): Promise<LoadResult> {
  const requests = readRequests(plan.requestsFile);
  const asker = new Asker(plan.url, plan.connections);
  const times: number[] = [];
  let next = 0;
  let failed = 0;
  const began = performance.now();
  const end = began + plan.seconds * 1000;
  const connection = async (): Promise<void> => {
    while (performance.now() < end) {
      const asked = performance.now();
      await asker.ask(requests[next++ % requests.length] as Buffer).catch(() => failed++);
      times.push(performance.now() - asked);
      if (plan.delayMs > 0) await sleep(2 * plan.delayMs * Math.random());
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, connection));
  asker.close();
  const seconds = (performance.now() - began) / 1000;
  const [p50Ms, p99Ms] = [percentile(times, 0.5), percentile(times, 0.99)];
  return { requests: times.length, seconds, p50Ms, p99Ms, failed };
}

const plan = JSON.parse(process.argv[2] ?? "{}") as LoadPlan;
const result = await load({ ...plan, requestsFile: process.env["REQUESTS"] ?? "" });
process.stdout.write(`${JSON.stringify(result)}\n`);
