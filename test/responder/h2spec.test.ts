import { readFileSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import {
  bareHandler,
  type Listening,
  startPublicServer,
  startSocketServer,
} from "./lane-servers.ts";
import { exchange, LAST, octets, statuses } from "./raw-exchange.ts";

/*
 * Conformance of HTTP/2 by h2spec, over cleartext. Vouch speaks it through node:http2, so what a server of that
 * alone fails is Node's own; anything more would be Vouch's.
 */

const h2spec = needs(
  "h2spec",
  "go install github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible",
);

const FORGOTTEN =
  "nghttp2 forgets a closed stream, and passes over frames on it, as it may for a while (RFC 9113 5.1)";
const DEPRECATED = "priorities are deprecated (RFC 9113 5.3.2): nghttp2 passes over them";

/** Cases of h2spec that fail, and why: node:http2 answers them otherwise, whatever is built on it. */
const NODES_OWN: Readonly<Record<string, string>> = {
  "5.1: closed: Sends a DATA frame after sending RST_STREAM frame": FORGOTTEN,
  "5.1: closed: Sends a HEADERS frame after sending RST_STREAM frame": FORGOTTEN,
  "5.1: closed: Sends a DATA frame": FORGOTTEN,
  "5.1: closed: Sends a HEADERS frame": FORGOTTEN,
  "5.1.1: Sends stream identifier that is numerically smaller than previous": FORGOTTEN,
  "5.3.1: Sends PRIORITY frame that depend on itself": DEPRECATED,
  "6.3: Sends a PRIORITY frame with 0x0 stream identifier": DEPRECATED,
  "6.7: Sends a PING frame with ACK":
    "node:http2 ends a session whose client acknowledges a PING that was never sent",
  "6.9.1: Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream":
    "nghttp2 ends the connection, where the reset of the stream would do",
};

/** What may fail in a run with node:http2 alone, too, when its answer is out before the frame that is wrong. */
const BY_TIMING: readonly string[] = [
  "5.1: half closed (remote): Sends a DATA frame",
  "5.1: half closed (remote): Sends a HEADERS frame",
  "6.1: Sends a DATA frame on the stream that is not in &#34;open&#34; or &#34;half-closed (local)&#34; state",
];

/** HTTP/1.1 is on the same port: what does not begin as HTTP/2 gets 400, for which RFC 9113 3.4 lets the GOAWAY be left out. */
const OF_THE_SHARED_PORT = "3.5: Sends invalid connection preface";

let bare: ReturnType<typeof bareHandler>;
let vouch: Listening;
let node: Listening;

beforeAll(async () => {
  bare = bareHandler();
  vouch = await startPublicServer(bare.handler);
  node = await startNodeAlone();
});

afterAll(async () => {
  await Promise.all([vouch?.close(), node?.close()]);
  await bare?.close();
});

/** node:http2 with nothing of Vouch's: an answer when the request is there whole, and no dying of a reset. */
async function startNodeAlone(): Promise<Listening> {
  const server = createServer();
  server.on("sessionError", () => undefined);
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream) => {
    stream.on("error", () => undefined).resume();
    stream.once("end", () => answer(stream as ServerHttp2Stream));
  });
  return startSocketServer((socket: Socket) => server.emit("connection", socket));
}

function answer(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": 200 });
  stream.end("a line\n");
}

/** The names of the cases that failed, with their sections; a case waits for so many seconds. */
async function failures(port: number, patience: number): Promise<Set<string>> {
  const folder = tempFolder();
  const report = join(folder, "report.xml");
  const args = ["-h", "127.0.0.1", "-p", String(port), "-S", "-j", report];
  await run("h2spec", [...args, "-o", String(patience)], { timeout: 500_000 });
  const xml = readFileSync(report, "utf8");
  removeFolder(folder);
  const cases = [
    ...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs),
  ];
  expect(cases.length).toBeGreaterThan(140);
  return new Set(
    cases
      .filter(([, , , outcome]) => /<(failure|error)/.test(outcome ?? ""))
      .map(([, section, name]) => `${section?.replace("http2/", "")}: ${name}`),
  );
}

/** What fails that node:http2 alone does not fail in, and may not by its timing either. */
async function failuresOfVouchAlone(patience: number): Promise<string[]> {
  const ofNode = await failures(node.port, patience);
  const ofVouch = await failures(vouch.port, patience);
  const may = [...BY_TIMING, OF_THE_SHARED_PORT];
  return [...ofVouch].filter(
    (name) => !(name in NODES_OWN && ofNode.has(name)) && !may.includes(name),
  );
}

describe("HTTP/2 in cleartext, by h2spec", () => {
  h2spec(
    "fails nowhere but where node:http2 alone does, and the server lives",
    async () => {
      // On a machine that is busy some cases need more patience; to give it to all takes minutes.
      const more = await failuresOfVouchAlone(2);
      if (more.length > 0) expect(await failuresOfVouchAlone(15)).toEqual([]);
      expect(statuses((await exchange(vouch.port, [octets(LAST)])).received)).toEqual([404]);
    },
    1_200_000,
  );
});
