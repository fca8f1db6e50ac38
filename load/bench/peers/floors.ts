import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { presignedAnswers } from "../answer-job.ts";
import { ask } from "../ask.ts";
import { freePort, Launched } from "../launch.ts";
import type { BenchServer, Protocol, RunningServer, Site, Way } from "../server.ts";

/** What Node's own servers reach when they do nothing but give one fixed answer. */
export const floors: readonly BenchServer[] = [
  floor("bare-http2", "h2c"),
  floor("bare-net", "keep-alive"),
  floor("bare-direct", "keep-alive"),
  floor("bare-http", "keep-alive"),
];

function floor(name: string, protocol: Protocol): BenchServer {
  const ways: Way[] = [
    { method: "POST", protocol },
    { method: "GET", protocol },
  ];
  return { name, needs: [], fixedAnswer: true, ways, start: (site) => start(site, name, ways) };
}

async function start(site: Site, name: string, ways: readonly Way[]): Promise<RunningServer> {
  const [first] = site.questions;
  const [way] = ways;
  if (!first || !way) throw new Error(`${name}: nothing to ask`);
  const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const answer = join(site.folder, `${name}.der`);
  writeFileSync(answer, Buffer.concat(presignedAnswers(site.pki, [first])));
  const port = await freePort();
  const command = [process.execPath, program, String(port), answer];
  const launched = new Launched(site.cores.server, command);
  const running = { pid: launched.pid, port: () => port, stop: () => launched.stop() };
  await launched.untilReady(() => ask(running, way, first));
  return running;
}
