import { mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { freePort, Launched, runPinned } from "./launch.ts";
import type { BenchServer, RunningServer, Site } from "./server.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const ISSUER = "bench";

/** `vouch serve` with one responder, filled by `vouch import`; all its processes on the server's core. */
export const vouch: BenchServer = {
  name: "vouch",
  needs: [],
  fixedAnswer: false,
  ways: [
    { method: "POST", protocol: "keep-alive" },
    { method: "GET", protocol: "keep-alive" },
    { method: "POST", protocol: "h2c" },
    { method: "GET", protocol: "h2c" },
  ],
  start,
};

async function start(site: Site): Promise<RunningServer> {
  const { cores, index } = site;
  const folder = join(site.folder, "vouch");
  mkdirSync(folder);
  const port = await freePort();
  const opsPort = await freePort();
  const config = join(folder, "vouch.yaml");
  writeFileSync(config, stringify(configuration(site, folder, { port, opsPort })));
  const command = (...args: string[]): string[] => [
    process.execPath,
    MAIN,
    ...args,
    "--config",
    config,
  ];
  await runPinned(cores.server, command("init"));
  const launched = new Launched(cores.server, command("serve"));
  await launched.untilReady(() => readiness(opsPort));
  await runPinned(cores.server, command("import", ISSUER, index, "--format", "index"));
  return { pid: launched.pid, port: () => port, stop: () => launched.stop() };
}

function configuration(
  { pki }: Site,
  folder: string,
  { port, opsPort }: { port: number; opsPort: number },
): object {
  const signer = { certificate: pki.signerCertificate, key: pki.signerKey };
  return {
    data: join(folder, "var"),
    public: { http: `127.0.0.1:${port}` },
    ops: `127.0.0.1:${opsPort}`,
    admin: join(folder, "admin.sock"),
    liveSign: join(folder, "live-sign.sock"),
    responders: 1,
    signingThreads: 1,
    issuers: [{ name: ISSUER, certificate: pki.caCertificate, ocsp: { signers: [signer] } }],
  };
}

function readiness(opsPort: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = get(`http://127.0.0.1:${opsPort}/readyz`, { agent: false }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`/readyz says ${answer.statusCode}`));
    });
    asked.once("error", reject);
  });
}
