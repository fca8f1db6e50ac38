// Asks at a steady pace, whatever the answers take, and prints what came of it as one line of JSON.
//
//   node load/flood/paced.ts PLAN     (a PacedPlan as JSON)
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { element } from "../../src/der/writer.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { Asker, responseStatus } from "../site/asker.ts";
import { percentile } from "../site/spread.ts";
import type { PacedPlan, PacedResult } from "./plan.ts";

const TICK_MS = 2;
const NONCE_OCTETS = 32;

const plan = JSON.parse(process.argv[2] ?? "{}") as PacedPlan;
const requests = JSON.parse(readFileSync(plan.requestsFile, "utf8")) as string[];
const askers = Array.from(
  { length: plan.addresses },
  (_, i) => new Asker(plan.url, plan.connections, `127.0.${Math.floor(i / 250)}.${1 + (i % 250)}`),
);
const times: number[] = [];
const result = { failed: 0, tryLater: 0, nonces: 0 };

function requestNumber(i: number): { der: Buffer; nonce: Buffer | undefined } {
  const der = Buffer.from(requests[i % requests.length] ?? "", "base64");
  if (plan.kind === "presigned") return { der, nonce: undefined };
  const request = readRequest(der);
  if (request instanceof Error) throw request;
  const nonce = element(0x04, randomBytes(NONCE_OCTETS));
  if (plan.kind === "nonce") return { der: encodeRequest(request.certIDs, nonce), nonce };
  // Positive, and minimal in DER.
  const serialNumber = Buffer.concat([Buffer.of(0x7f), randomBytes(15)]);
  const certID = { ...request.certIDs[0], serialNumber: serialNumber as never };
  return { der: encodeRequest([certID], undefined), nonce: undefined };
}

async function ask(i: number): Promise<void> {
  const { der, nonce } = requestNumber(i);
  const began = performance.now();
  const answer = await (askers[i % askers.length] as Asker).ask(der).catch(() => undefined);
  times.push(performance.now() - began);
  if (!answer) result.failed++;
  else if (responseStatus(answer) === 3) result.tryLater++;
  else if (nonce && answer.includes(nonce)) result.nonces++;
}

const began = performance.now();
const total = plan.rate * plan.seconds;
const asked: Promise<void>[] = [];
while (asked.length < total) {
  const due = Math.min(total, Math.ceil(((performance.now() - began) / 1000) * plan.rate));
  while (asked.length < due) asked.push(ask(asked.length));
  await sleep(TICK_MS);
}
await Promise.all(asked);
for (const asker of askers) asker.close();
const spent = {
  requests: times.length,
  seconds: (performance.now() - began) / 1000,
  p50Ms: percentile(times, 0.5),
  p99Ms: percentile(times, 0.99),
};
process.stdout.write(`${JSON.stringify({ ...spent, ...result } satisfies PacedResult)}\n`);
