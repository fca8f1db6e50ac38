// What large CRL downloads cost a responder: its private memory, and OCSP beside them.
//
//   node load/slow-crl.ts [--megabytes 40] [--clients 500] [--kilobytes 100] [--seconds 15]
//
// A crowd of clients takes one CRL at once, each at so many KB a second, then as fast as it comes;
// OCSP is asked meanwhile, 1,000 times a second. With wrk where it is there.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startDaemon } from "../test/support/daemon.ts";
import { descendants, rssAnon } from "../test/support/processes.ts";
import { publishOctets } from "../test/support/publish-octets.ts";
import { vouch } from "../test/support/vouch-cli.ts";
import { loadPlan, runLoad } from "./growth/request-load.ts";
import { ISSUER, LoadSite } from "./site/load-site.ts";
import { machine } from "./site/machine.ts";
import { type Crowd, download } from "./slow-crl/clients.ts";

const RECORDS = 20_000;
const PATH = `/crl/${ISSUER}.crl`;
const MB = 1_000_000;

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "40" },
    clients: { type: "string", default: "500" },
    kilobytes: { type: "string", default: "100" },
    seconds: { type: "string", default: "15" },
  },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);

/** One line of the report. */
interface Line {
  readonly what: string;
  readonly "OCSP/s": number;
  readonly "p50 ms": number;
  readonly "p99 ms": number;
  readonly "CRL MB/s": number;
  readonly "cut off": number;
  readonly "RssAnon MB": number;
}

async function measure(site: LoadSite, pid: number, what: string, crowd?: Crowd): Promise<Line> {
  const downloading = crowd && download(crowd);
  let most = rssAnon(pid);
  const watching = setInterval(() => {
    most = Math.max(most, rssAnon(pid));
  }, 100);
  await sleep(1_000);
  const before = downloading?.taken() ?? 0;
  const plan = { ...loadPlan(site, RECORDS, seconds), connections: 10, delayMs: 10 };
  const { requests, p50Ms, p99Ms, seconds: took } = await runLoad(plan);
  const taken = (downloading?.taken() ?? 0) - before;
  clearInterval(watching);
  const cutOff = downloading?.failed() ?? 0;
  downloading?.stop();
  await sleep(2_000);
  return {
    what,
    "OCSP/s": Math.round(requests / took),
    "p50 ms": p50Ms,
    "p99 ms": p99Ms,
    "CRL MB/s": Math.round(taken / took / MB),
    "cut off": cutOff,
    "RssAnon MB": Math.round(most / MB),
  };
}

/** As Markdown. */
function table(lines: readonly Line[]): string {
  const rows = lines.map((line) => Object.values(line));
  const heads = Object.keys(lines[0] ?? {});
  const all = [heads, heads.map(() => "---"), ...rows];
  return all.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

process.once("SIGINT", () => process.exit(130));
const site = await LoadSite.make({ crl: {} });
try {
  const filling = await site.start();
  await site.import(site.writeIndexFiles(RECORDS));
  await vouch(["crl", "issue", ISSUER], { config: site.places.config });
  await filling.stop();
  await publishOctets(site.places.data, ISSUER, Number(values.megabytes) * MB);
  const ops = `127.0.0.1:${site.places.opsPort}`;
  const daemon = await startDaemon(site.places, { command: "responder", args: ["--ops", ops] });
  const port = site.places.publicPort;
  // The launcher has become the responder, or has it below.
  const pid = descendants(daemon.pid).at(-1) ?? daemon.pid;
  const rate = Number(values.kilobytes) * 1_000;
  const lines = [await measure(site, pid, "no downloads")];
  for (const protocol of ["HTTP/1.1", "HTTP/2"] as const) {
    const crowd = { protocol, port, path: PATH, clients };
    const slow = `${clients} at ${values.kilobytes} KB/s, ${protocol}`;
    lines.push(await measure(site, pid, slow, { ...crowd, rate }));
    lines.push(
      await measure(site, pid, `${clients} unbridled, ${protocol}`, { ...crowd, rate: 0 }),
    );
  }
  lines.push(await measure(site, pid, "no downloads, after"));
  process.stdout.write(`${machine()}\n${values.megabytes} MB\n`);
  process.stdout.write(`${table(lines)}\n`);
  await daemon.stop();
} finally {
  await site.remove();
}
