import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { atExit } from "../../test/support/at-exit.ts";
import { programPath } from "../../test/support/program-path.ts";
import type { LoadSite } from "../site/load-site.ts";
import { hashInTurn } from "../site/ocsp-requests.ts";
import { scattered, serialNumberAt } from "../site/records.ts";
import { beforeAllElse, CLIENT_CORE, onCore } from "./pin.ts";

/** Load of POSTs, in turn out of a file that `writeRequests` wrote. */
export interface LoadPlan {
  readonly url: string;
  readonly requestsFile: string;
  readonly seconds: number;
  readonly connections: number;
  /** Milliseconds that a connection waits after each answer, on average; 0 asks as fast as it is answered. */
  readonly delayMs: number;
  /** Whether it runs before all else on its core, where it may, so that it sees the server and not its neighbours. */
  readonly turn?: "first";
}

/** What the load saw. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const SCRIPT = fileURLToPath(new URL("ask.lua", import.meta.url));
const NODE_CLIENT = fileURLToPath(new URL("node-load.ts", import.meta.url));

const CONNECTIONS = 32;
const MOST_REQUESTS = 100_000;

/** Which client asks: wrk where it is there, else one of our own that is several times slower. */
export const CLIENT: "wrk" | "node" = programPath("wrk") ? "wrk" : "node";

/** Asks for as many different records as there are, up to a hundred thousand. */
export function loadPlan(site: LoadSite, records: number, seconds: number): LoadPlan {
  const requestsFile = join(site.places.folder, "requests");
  const requests = Array.from({ length: Math.min(records, MOST_REQUESTS) }, (_, i) =>
    site.request(serialNumberAt(scattered(i, records), records), hashInTurn(i)),
  );
  writeRequests(requestsFile, requests);
  return { url: site.url, requestsFile, seconds, connections: CONNECTIONS, delayMs: 0 };
}

/** Requests as the clients read them: before each its length in two octets. */
function writeRequests(file: string, requests: readonly Buffer[]): void {
  const length = (der: Buffer): Buffer => Buffer.of(der.length >> 8, der.length & 0xff);
  writeFileSync(file, Buffer.concat(requests.flatMap((der) => [length(der), der])));
}

/** Runs the load to its end; rejects when any request failed. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const asking = plan.turn === "first" ? beforeAllElse(command(plan)) : command(plan);
  const [program = "", ...args] = onCore(CLIENT_CORE, asking);
  const env = { ...process.env, REQUESTS: plan.requestsFile, DELAY_MS: String(plan.delayMs) };
  const client = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  // Before all else, and without a server, it would keep its core from everybody for ever.
  atExit(() => client.kill("SIGKILL"));
  const ended = once(client, "exit");
  const output = await text(client.stdout);
  const [code] = await ended;
  const line = output.split("\n").findLast((one) => one.startsWith("{"));
  if (code !== 0 || line === undefined) throw new Error(`${CLIENT} ended with ${code}: ${output}`);
  const result = JSON.parse(line) as LoadResult;
  if (result.failed > 0) throw new Error(`${result.failed} requests failed under load`);
  return result;
}

function command({ url, seconds, connections, delayMs }: LoadPlan): string[] {
  if (CLIENT === "node") {
    const plan = JSON.stringify({ url, seconds, connections, delayMs });
    return [process.execPath, NODE_CLIENT, plan];
  }
  const size = [`-d${seconds}s`, `-c${connections}`, "-t1"];
  return ["wrk", ...size, "--latency", "-s", SCRIPT, url];
}
