import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "../ask.ts";
import { freePort, Launched } from "../launch.ts";
import type { BenchServer, RunningServer, Site, Way } from "../server.ts";

const SOURCE = fileURLToPath(new URL("./go-responder", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/vouch-bench", import.meta.url));

const POST: Way = { method: "POST", protocol: "keep-alive" };

/** A responder on Go's net/http and x/crypto/ocsp that signs on demand, on one core. */
export const goResponder: BenchServer = {
  name: "go",
  needs: ["go"],
  fixedAnswer: false,
  ways: [POST, { method: "GET", protocol: "keep-alive" }],
  start,
};

async function start(site: Site): Promise<RunningServer> {
  const program = build();
  const { pki, index, cores } = site;
  const port = await freePort();
  const files = [pki.caCertificate, pki.signerCertificate, pki.signerKey, index];
  const command = [program, `127.0.0.1:${port}`, ...files];
  const launched = new Launched(cores.server, command, { GOMAXPROCS: "1" });
  const running = { pid: launched.pid, port: () => port, stop: () => launched.stop() };
  const [first] = site.questions;
  await launched.untilReady(async () => first && (await ask(running, POST, first)));
  return running;
}

/** Go fetches x/crypto, as go.sum has it, into its own module cache the first time. */
function build(): string {
  mkdirSync(CACHE, { recursive: true });
  const program = join(CACHE, "go-responder");
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -buildvcs=false" };
  execFileSync("go", ["build", "-o", program, "."], {
    cwd: SOURCE,
    env,
    stdio: ["ignore", 2, 2],
  });
  return program;
}
