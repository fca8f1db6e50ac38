import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, BoundSocket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { startDaemon } from "../support/daemon.ts";
import { freePort } from "../support/free-port.ts";
import { request } from "../support/http-client.ts";
import { ocspRequest } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { respondersUnder } from "../support/processes.ts";
import { prepareSite, type Site, startSite } from "../support/site.ts";
import { type SteadyClients, startSteadyClients } from "../support/steady-clients.ts";
import { makeTlsFiles } from "../support/tls-files.ts";
import { until } from "../support/until.ts";
import { ROOT, vouchEnvironment } from "../support/vouch-cli.ts";

/*
 * Two responders, both restarted at once, ten times, while clients of every lane ask without a pause. While
 * none is there, connections wait in the queues of the sockets, which are the supervisor's or systemd's.
 */

const RESPONDERS = 2;
const ROUNDS = 10;
const LONG = 1_200_000;

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function steadyClients(pki: Pki, httpPort: number, httpsPort: number): SteadyClients {
  const der = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
  const clients = startSteadyClients({ httpPort, httpsPort, der, count: 4 });
  cleanUps.push(() => clients.stop());
  return clients;
}

/** Every kind of client has been answered since. */
async function allAnsweredAgain({ answered }: SteadyClients): Promise<void> {
  const before = new Map(answered);
  const since = (name: string): number => (answered.get(name) ?? 0) - (before.get(name) ?? 0);
  const allAnswered = (): boolean => {
    const lacking = [...answered.keys()].filter((name) => since(name) < 3);
    if (lacking.length > 0) throw new Error(`none in ${lacking.join(", ")}`);
    return true;
  };
  await until(allAnswered, { what: "answers of every lane" });
}

/** How many responders have ever said that they are ready. */
function readyResponders({ daemon }: Site): number {
  return daemon.stderr().match(/"role":"responder".*"msg":"ready"/g)?.length ?? 0;
}

it(
  "under `serve`, no client sees a reset",
  async () => {
    const pki = makePki({ algorithm: "ec", leaves: 1 });
    const httpsPort = await freePort();
    const https = { listen: `127.0.0.1:${httpsPort}`, ...makeTlsFiles("restarting") };
    const more = { public: { https }, responders: RESPONDERS };
    const site = await startSite({ issuers: [{ name: "gov-1", pki }], more });
    cleanUps.push(() => site.close());
    const clients = steadyClients(pki, site.places.publicPort, httpsPort);
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      await allAnsweredAgain(clients);
      const pids = respondersUnder(site.daemon.pid);
      for (const pid of pids) process.kill(pid, "SIGTERM");
      for (const pid of pids) seen.add(pid);
      await until(() => readyResponders(site) === RESPONDERS * (round + 2), {
        what: "new responders",
      });
    }
    await allAnsweredAgain(clients);
    expect(seen.size).toBe(RESPONDERS * ROUNDS);
    expect(clients.faults).toEqual([]);
  },
  LONG,
);

/** The command line of the shipped unit, for another place. */
function unitCommand(site: Omit<Site, "daemon">, tlsFolder: string, opsPort: number): string[] {
  const unit = readFileSync(`${ROOT}systemd/vouch-responder@.service`, "utf8").replaceAll(
    "\\\n",
    "",
  );
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
  return line
    .replaceAll("/opt/vouch/", ROOT)
    .replaceAll("/var/lib/vouch", site.places.data)
    .replaceAll("/etc/vouch/vouch.yaml", site.places.config)
    .replaceAll("/etc/vouch/tls", tlsFolder)
    .replace("127.0.0.1:947%i", `127.0.0.1:${opsPort}`)
    .split(/\s+/);
}

/** Starts a unit as systemd does: with its sockets as descriptors from 3 on (sd_listen_fds(3)). */
function startUnit(command: readonly string[], sockets: readonly BoundSocket[]): ChildProcess {
  const env = vouchEnvironment({ LISTEN_FDS: String(sockets.length) });
  const child = spawn("sh", ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...command], {
    env,
    stdio: ["ignore", "ignore", "ignore", ...sockets.map((socket) => socket.fd())],
  });
  cleanUps.push(() => {
    child.kill("SIGKILL");
  });
  return child;
}

it(
  "with sockets of systemd, no client sees a reset",
  async () => {
    const pki = makePki({ algorithm: "ec", leaves: 1 });
    const sockets = [0, 1].map(() => new BoundSocket({ host: "127.0.0.1", port: 0 }));
    const [httpPort = 0, httpsPort = 0] = sockets.map(
      (socket) => (socket.address() as AddressInfo).port,
    );
    const pair = makeTlsFiles("restarting");
    const https = { listen: `127.0.0.1:${httpsPort}`, ...pair };
    const site = await prepareSite({
      issuers: [{ name: "gov-1", pki }],
      more: { public: { http: `127.0.0.1:${httpPort}`, https } },
    });
    cleanUps.push(() => site.close());
    const authority = await startDaemon(site.places, { command: "authority" });
    cleanUps.push(() => authority.kill9());
    expect((await site.vouch(["import", "gov-1", pki.index, "--format", "index"])).code).toBe(0);
    const opsPorts = await Promise.all(Array.from({ length: RESPONDERS }, freePort));
    const tlsFolder = pair.key.slice(0, pair.key.lastIndexOf("/"));
    const start = async (opsPort: number): Promise<ChildProcess> => {
      const child = startUnit(unitCommand(site, tlsFolder, opsPort), sockets);
      const isReady = async (): Promise<boolean> =>
        (await request(`http://127.0.0.1:${opsPort}/readyz`)).status === 200;
      await until(isReady, { what: "a responder" });
      return child;
    };
    let units = await Promise.all(opsPorts.map(start));
    const clients = steadyClients(pki, httpPort, httpsPort);
    for (let round = 0; round < ROUNDS; round++) {
      await allAnsweredAgain(clients);
      const ends = units.map((unit) => once(unit, "exit"));
      for (const unit of units) unit.kill("SIGTERM");
      expect((await Promise.all(ends)).map(([code]) => code)).toEqual(opsPorts.map(() => 0));
      units = await Promise.all(opsPorts.map(start));
    }
    await allAnsweredAgain(clients);
    expect(clients.faults).toEqual([]);
    for (const socket of sockets) socket.close();
  },
  LONG,
);
