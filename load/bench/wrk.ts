import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPinned } from "./launch.ts";
import {
  CLIENT_HEADERS,
  CONNECTIONS,
  type LoadGenerator,
  type LoadResult,
  type LoadTarget,
  requireWholeAnswers,
} from "./load.ts";
import type { Question } from "./questions.ts";

/** wrk with one thread, which goes through all questions over kept connections. */
export const wrk: LoadGenerator = { needs: ["wrk"], run };

/** What the script below prints at the end, after this word. */
const REPORT = "vouch-bench-report";

interface WrkReport {
  readonly requests: number;
  readonly octets: number;
  readonly microseconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: Readonly<Record<string, number>>;
}

async function run(target: LoadTarget, seconds: number): Promise<LoadResult> {
  const { way, port, questions, core, folder, answer } = target;
  const script = join(folder, `wrk-${port}-${way.method}.lua`);
  writeFileSync(script, luaScript(questions.map((question) => rawRequest(question, target))));
  const shape = ["-t", "1", "-c", String(CONNECTIONS), "-d", `${seconds}s`, "-s", script];
  const output = await runPinned(core, ["wrk", ...shape, `http://127.0.0.1:${port}`]);
  const report = JSON.parse(output.slice(output.indexOf(REPORT) + REPORT.length)) as WrkReport;
  const failed = Object.entries(report.errors).filter(([, count]) => count > 0);
  if (failed.length > 0) throw new Error(`wrk counted errors: ${JSON.stringify(report.errors)}`);
  requireWholeAnswers(answer.head + answer.body, report.octets, report.requests);
  return {
    requests: report.requests,
    seconds: report.microseconds / 1e6,
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
  };
}

function rawRequest({ der, path }: Question, { way, port }: LoadTarget): Buffer {
  const common = { Host: `127.0.0.1:${port}`, ...CLIENT_HEADERS };
  if (way.method === "GET") return Buffer.from(head(`GET ${path}`, common));
  const body = {
    "Content-Type": "application/ocsp-request",
    "Content-Length": String(der.length),
  };
  return Buffer.concat([Buffer.from(head("POST /", { ...common, ...body })), der]);
}

function head(line: string, headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${fields.join("")}\r\n`;
}

/** `errors.status` of wrk counts what is over 399. */
function luaScript(requests: readonly Buffer[]): string {
  return `local requests = {
${requests.map((octets) => `  "${luaEscaped(octets)}",`).join("\n")}
}
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '${REPORT} {"requests":%d,"octets":%d,"microseconds":%d,"p50":%f,"p99":%f,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect, e.read, e.write, e.status, e.timeout))
end
`;
}

function luaEscaped(octets: Buffer): string {
  return octets
    .toString("latin1")
    .replace(/[^ !#-[\]-~]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, "0")}`);
}
