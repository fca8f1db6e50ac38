// What the parts of the way from a request's octets to its answer's cost, without any socket: nanoseconds
// of CPU time each, over a store that `vouch import` filled; prints Markdown.
//
//   node load/bench/answer-path.ts [--rounds N] [--records N]
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { element } from "../../src/der/writer.ts";
import { createLogger } from "../../src/observe/logger.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { SingleRequest } from "../../src/ocsp/single-request.ts";
import { FastConnection } from "../../src/responder/fast-lane.ts";
import { Handler } from "../../src/responder/handler.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { Peer } from "../../src/responder/peer.ts";
import { RequestTally } from "../../src/responder/request-tally.ts";
import { Served } from "../../src/responder/served.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import type { StoreReader } from "../../src/store/store.ts";
import { positive } from "./options.ts";
import { issue, makePki, writeIndex } from "./pki.ts";
import { chooseCores } from "./programs.ts";
import { makeQuestions, type Question } from "./questions.ts";
import { table } from "./report.ts";
import type { Site } from "./server.ts";
import { spread, spreadText } from "./statistics.ts";
import { vouch } from "./vouch.ts";

/** One part of the way; what it does to the question of this number. */
interface Part {
  readonly name: string;
  readonly run: (at: number) => unknown;
}

const TIMES = 100_000;
const FIELDS = "Host: 127.0.0.1\r\nUser-Agent: vouch-bench\r\nAccept: */*\r\n";

function posted({ der }: Question): Buffer {
  const type = "Content-Type: application/ocsp-request";
  const head = `POST / HTTP/1.1\r\n${FIELDS}${type}\r\nContent-Length: ${der.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), der]);
}

function withNonce({ der }: Question): Buffer {
  const request = readRequest(der);
  if (request instanceof Error) throw request;
  return encodeRequest(request.certIDs, element(0x04, randomBytes(32)));
}

/** As under a flood: there is nothing left for anybody. */
function spentBudget(): LiveBudget {
  const budget = new LiveBudget();
  budget.take = () => false;
  budget.has = () => false;
  return budget;
}

/** Everybody has a turn at once. */
const AT_ONCE = { waiting: 0, wait: (take: () => void): void => take() };

/** A connection in the fast lane whose client takes everything at once; returns what gives it octets. */
function connection(handler: Handler): (octets: Buffer) => void {
  let give: (octets: Buffer) => void = () => undefined;
  const client = {
    on: (_: string, listener: typeof give) => {
      give = listener;
    },
    write: () => true,
    pause: () => undefined,
    resume: () => undefined,
    writableLength: 0,
  };
  const never = (): never => {
    throw new Error("a request was handed over");
  };
  const context = {
    handler,
    toHttp1: never,
    toHttp2: never,
    isStopping: () => false,
    tick: () => 0,
  };
  new FastConnection(client as unknown as Socket, new Peer("127.0.0.1"), context);
  return give;
}

function parts(store: StoreReader, questions: readonly Question[]): Part[] {
  const served = new Served(store, "");
  served.refresh();
  const presigned = new OcspSource(store, served);
  const clock = (): number => Math.floor(Date.now() / 1000);
  const asking = { client: undefined, budget: spentBudget(), turns: AT_ONCE };
  const sources = {
    presigned,
    live: new LiveSource({ store, served, presigned, clock, ...asking }),
  };
  const handler = new Handler(served, sources, new RequestTally(), clock);
  const give = connection(handler);
  const posts = questions.map(posted);
  const nonces = questions.map(withNonce);
  const gets = questions.map(({ path }) => Buffer.from(`GET ${path} HTTP/1.1\r\n${FIELDS}\r\n`));
  const ders = questions.map(({ der }) => der);
  const single = new SingleRequest();
  const of = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;
  const now = clock();
  return [
    { name: "POST, whole", run: (at) => give(of(posts, at)) },
    { name: "GET, whole", run: (at) => give(of(gets, at)) },
    {
      name: "the record of a request",
      run: (at) => presigned.find(of(ders, at), 0, of(ders, at).length, now),
    },
    {
      name: "as the general lanes ask",
      run: (at) => handler.ocspPost(of(ders, at), { address: "127.0.0.1" }),
    },
    {
      name: "the same with a nonce, over its budget",
      run: (at) => handler.ocspPost(of(nonces, at), { address: "127.0.0.1" }),
    },
    { name: "SingleRequest", run: (at) => single.read(of(ders, at), 0, of(ders, at).length) },
    { name: "readRequest", run: (at) => readRequest(of(ders, at)) },
  ];
}

async function nanoseconds({ run }: Part): Promise<number> {
  const began = process.cpuUsage();
  for (let at = 0; at < TIMES; at++) {
    const made = run(at);
    if (made instanceof Promise) await made;
  }
  const { user, system } = process.cpuUsage(began);
  return ((user + system) * 1000) / TIMES;
}

async function measure(folder: string, rounds: number, records: number): Promise<string> {
  const pki = makePki(join(folder, "pki"), "P-256");
  const issued = issue(records);
  const index = join(folder, "index.txt");
  writeIndex(index, issued);
  const questions = makeQuestions(pki, issued);
  const site: Site = { folder, cores: chooseCores(), pki, index, questions };
  const running = await vouch.start(site);
  await running.stop();
  createLogger("responder").level = "silent";
  const store = openStoreReader(join(folder, "vouch", "var"));
  const rows: string[][] = [];
  for (const part of parts(store, questions)) {
    await nanoseconds(part);
    const found: number[] = [];
    while (found.length < rounds) found.push(await nanoseconds(part));
    rows.push([part.name, spreadText(spread(found), 0)]);
  }
  await store.close();
  return table(["part", "ns of CPU time, median (min–max)"], rows);
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    records: { type: "string", default: "10000" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "vouch-answer-path-"));
try {
  const [rounds, records] = [
    positive("--rounds", values.rounds),
    positive("--records", values.records),
  ];
  process.stdout.write(`${await measure(folder, rounds, records)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
