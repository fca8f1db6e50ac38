// Posts requests, each on a connection of its own, and prints one JSON document.
//
//   node connection-each-client.ts PORT FILE SECONDS
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { ClientReport } from "./connection-each.ts";
import { percentile } from "./statistics.ts";

/** More would only wait in the queue of a server that takes one after the other. */
const AT_ONCE = 4;
const TIMEOUT_MS = 5_000;

const [port, file = "", seconds] = process.argv.slice(2);
const bodies = JSON.parse(readFileSync(file, "utf8")) as string[];
const requests = bodies.map((base64) => {
  const body = Buffer.from(base64, "base64");
  const head = `POST / HTTP/1.0\r\nContent-Type: application/ocsp-request\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
});

/** The octets of the answer's body; 0 when it failed. */
function ask(request: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(request));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      const answer = Buffer.concat(pieces);
      const end = answer.indexOf("\r\n\r\n");
      const fine = end > 0 && /^HTTP\/1\.[01] 200 /.test(answer.toString("latin1", 0, 13));
      resolve(fine ? answer.length - end - 4 : 0);
    });
  });
}

const milliseconds: number[] = [];
let octets = 0;
let failed = 0;
let next = 0;
const began = performance.now();
const end = began + Number(seconds) * 1000;

async function askUntilEnd(): Promise<void> {
  while (performance.now() < end) {
    const sent = performance.now();
    const size = await ask(requests[next++ % requests.length] as Buffer);
    milliseconds.push(performance.now() - sent);
    octets += size;
    if (size === 0) failed++;
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, askUntilEnd));
const sorted = milliseconds.toSorted((a, b) => a - b);
const report: ClientReport = {
  requests: sorted.length,
  octets,
  failed,
  seconds: (performance.now() - began) / 1000,
  p50Ms: percentile(sorted, 50),
  p99Ms: percentile(sorted, 99),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
