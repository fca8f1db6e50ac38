import type { BoundSocket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { missingStore, storeExists } from "../config/data-files.ts";
import { responderPaths } from "../config/responder-paths.ts";
import { bindAddress } from "../observe/bind.ts";
import { readyToEnd, untilStopped } from "../observe/lifetime.ts";
import { createLogger } from "../observe/logger.ts";
import { startOps } from "../observe/ops-server.ts";
import type { Readiness } from "../observe/readiness.ts";
import { INHERITED_SOCKETS, tellResponderEnded } from "../observe/reports.ts";
import { Child, type ChildPlan, FIRST_HANDED_SOCKET } from "./child.ts";
import { collectedMetrics, collectedReadiness } from "./collect.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

const NOT_YET: Readiness = { ready: false, issuers: [] };

export interface ServeOptions {
  /** Called once all serve, with what to print for whoever started it. */
  readonly onServing?: () => Promise<void>;
  /** Whether failures of the parts are printed as JSON. */
  readonly json?: boolean;
}

/**
 * Runs everything on one machine: binds the public socket, starts the authority and the responders, and
 * starts again what ends. It holds no key and does not open the store. Resolves with the exit code.
 */
export async function serve(config: Config, options: ServeOptions = {}): Promise<number> {
  if (!storeExists(config.data)) throw missingStore(config.data);
  const log = createLogger("supervisor");
  const sockets = bindPublic(config);
  const children = plannedChildren(config, sockets, options, log);
  const [authority, ...responders] = children;
  process.on("SIGHUP", () => authority.signal("SIGHUP"));
  const stopped = untilStopped();
  // Until the authority can be spoken to as well: scripts wait for readiness and then import or revoke.
  let isServing = false;
  const ops = await startOps(config.ops, {
    metrics: () => collectedMetrics(children),
    readiness: () => (isServing ? collectedReadiness(responders) : Promise.resolve(NOT_YET)),
  });
  const started = await Promise.race([startAll(children), stopped]);
  if (started === "ready") {
    isServing = true;
    log.info({ public: sockets.map((socket) => socket.address()), ops: config.ops }, "serving");
    await options.onServing?.();
  }
  if (typeof started !== "number") log.info({ why: await stopped }, "stopping");
  ops.close();
  // Responders first: while they finish, the authority's store and sockets are still there.
  await Promise.all(responders.map((child) => child.stop()));
  await authority.stop();
  for (const socket of sockets) socket.close();
  readyToEnd();
  return typeof started === "number" ? started : 0;
}

/** The sockets of public.http and, where there is one, public.https. */
function bindPublic({ public: { http, https } }: Config): BoundSocket[] {
  const first = bindAddress("public.http", http);
  return https ? [first, bindAddress("public.https", https.listen)] : [first];
}

function plannedChildren(
  config: Config,
  sockets: readonly BoundSocket[],
  options: ServeOptions,
  log: ReturnType<typeof createLogger>,
): [Child, ...Child[]] {
  const json = options.json ? ["--json"] : [];
  const authority = new Child(authorityPlan(config, json), log, () => undefined);
  const responderEnded = (): void => {
    if (authority.process) tellResponderEnded(authority.process);
  };
  const responders = Array.from(
    { length: config.responders },
    () => new Child(responderPlan(config, sockets, json), log, responderEnded),
  );
  return [authority, ...responders];
}

function authorityPlan(config: Config, json: readonly string[]): ChildPlan {
  const args = [MAIN, "authority", "--config", config.file, ...json];
  return { role: "authority", arguments: args, env: {}, sockets: [] };
}

/**
 * There is a responder for each core: threads of V8 that collect its garbage would run on its own core, where each
 * keeps it waiting for as long as the kernel lets a thread run, which is longer than the work takes
 * (`npm run flood`).
 */
const GARBAGE_COLLECTION = "--single-threaded-gc";

/** A responder can read what it serves, and neither write, nor start processes, nor read a key. */
function responderPlan(
  config: Config,
  sockets: readonly BoundSocket[],
  json: readonly string[],
): ChildPlan {
  const { toStart, toServe } = responderPaths(config);
  const reads = [...toServe, ...toStart].map((path) => `--allow-fs-read=${path}`);
  const permissions = ["--permission", "--allow-addons", "--allow-net", ...reads];
  return {
    role: "responder",
    // Both flags warn at each start that they are what they are.
    arguments: [
      "--no-warnings",
      GARBAGE_COLLECTION,
      ...permissions,
      MAIN,
      "responder",
      "--config",
      config.file,
      ...json,
    ],
    env: { [INHERITED_SOCKETS]: sockets.map((_, i) => FIRST_HANDED_SOCKET + i).join() },
    sockets: sockets.map((socket) => socket.fd()),
  };
}

/** Resolves when all are ready, or with the exit code of the first that cannot start. */
function startAll(children: readonly Child[]): Promise<"ready" | number> {
  return new Promise((resolve) => {
    const starts = children.map(async (child) => {
      const outcome = await child.start();
      if (outcome !== "ready") resolve(outcome === 0 ? 1 : outcome);
      return outcome;
    });
    void Promise.all(starts).then((outcomes) => {
      if (outcomes.every((outcome) => outcome === "ready")) resolve("ready");
    });
  });
}
