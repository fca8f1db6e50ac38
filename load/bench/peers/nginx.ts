import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programPath } from "../../../test/support/program-path.ts";
import { presignedAnswers } from "../answer-job.ts";
import { ask } from "../ask.ts";
import { freePort, Launched } from "../launch.ts";
import type { BenchServer, RunningServer, Site, Way } from "../server.ts";

const GET: Way = { method: "GET", protocol: "keep-alive" };

/** nginx with one worker, which serves answers that Vouch signed, each from a file named by its request. */
export const nginx: BenchServer = {
  name: "nginx",
  needs: ["nginx"],
  fixedAnswer: false,
  ways: [GET, { method: "GET", protocol: "h2c" }],
  start,
};

async function start(site: Site): Promise<RunningServer> {
  const folder = join(site.folder, "nginx");
  mkdirSync(folder);
  writeAnswers(site, join(folder, "answers"));
  const port = await freePort();
  const http2Port = await freePort();
  const config = join(folder, "nginx.conf");
  writeFileSync(config, configuration(port, http2Port));
  const program = programPath("nginx") ?? "nginx";
  const command = [program, "-p", folder, "-e", "stderr", "-c", config];
  const launched = new Launched(site.cores.server, command);
  const running: RunningServer = {
    pid: launched.pid,
    port: (protocol) => (protocol === "h2c" ? http2Port : port),
    stop: () => launched.stop(),
  };
  const [first] = site.questions;
  await launched.untilReady(async () => first && (await ask(running, GET, first)));
  return running;
}

/** base64 may have slashes: then the file is in folders. */
function writeAnswers({ pki, questions }: Site, folder: string): void {
  const answers = presignedAnswers(pki, questions);
  questions.forEach(({ path }, i) => {
    const file = join(folder, decodeURIComponent(path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, answers[i] as Buffer);
  });
}

/**
 * nginx at its best: nothing is logged, connections stay, open files are kept, and head and body leave in
 * one write. GET per CPU-second, 4 rounds in turn: so 71,100; with sendfile on 45,500, with tcp_nopush
 * besides 59,100; with sendfile on and no open_file_cache 34,900.
 */
function configuration(port: number, http2Port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
${process.getuid?.() === 0 ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/ocsp-response;
  sendfile off;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  open_file_cache max=10000 inactive=1h;
  open_file_cache_valid 1h;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join(" ")}
  server { listen 127.0.0.1:${port}; root answers; }
  server { listen 127.0.0.1:${http2Port} http2; root answers; }
}
`;
}
