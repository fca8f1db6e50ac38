import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Daemon } from "../../test/support/daemon.ts";
import { respondersUnder, rssAnon } from "../../test/support/processes.ts";
import { ISSUER, type LoadSite } from "../site/load-site.ts";
import { cpuSeconds, processTree } from "../site/process-cost.ts";
import { type Beside, type BesideReport, onlyWatch, publishAgain, revokeAll } from "./beside.ts";
import { type K6Summary, readK6Summary } from "./k6-summary.ts";

/** A script under `load/k6`, and what the runner does meanwhile. */
interface Scenario {
  readonly title: string;
  readonly beside: (beside: Beside) => Promise<BesideReport>;
}

/** All scenarios by the names of their scripts. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "steady-mix": { title: "Steady national mix", beside: onlyWatch },
  "morning-peak": { title: "Morning peak", beside: onlyWatch },
  "revocation-storm": { title: "Revocation storm", beside: revokeAll },
  "nonce-flood": { title: "Nonce flood", beside: onlyWatch },
  "crl-stampede": { title: "CRL stampede after a publish", beside: publishAgain },
};

/** How hard is asked. */
export interface Pace {
  readonly rate: number;
  readonly seconds: number;
  readonly p99Ms: number;
}

/** What is run, where, and by which k6. */
export interface ScenarioRun {
  readonly k6: string;
  readonly name: string;
  readonly site: LoadSite;
  readonly daemon: Daemon;
  readonly requestsFile: string;
  readonly good: Iterator<Uint8Array>;
  readonly pace: Pace;
}

/** What came of one scenario. */
export interface ScenarioResult extends BesideReport {
  readonly title: string;
  readonly summary: K6Summary;
  /** Processor time of all of Vouch's processes. */
  readonly cpuSeconds: number;
  /** Private memory of the responder afterwards, in octets. */
  readonly rssAnon: number;
}

/** k6 ends with this when a threshold was not kept, which its summary says better. */
const THRESHOLD_MISSED = 99;

/** Runs one scenario to its end. Rejects when k6 could not run it. */
export async function runScenario(run: ScenarioRun): Promise<ScenarioResult> {
  const scenario = SCENARIOS[run.name];
  if (!scenario) throw new Error(`there is no scenario ${run.name}`);
  const { site, daemon, good } = run;
  const summaryFile = join(site.places.folder, `${run.name}.json`);
  const processes = processTree(daemon.pid);
  const before = cpuSeconds(processes);
  const ended = new AbortController();
  const failed = new AbortController();
  const beside = scenario.beside({ site, good, ended: ended.signal }).catch((error: unknown) => {
    // Else k6 went on for its whole time against a daemon that is gone.
    failed.abort();
    throw error;
  });
  const asking = runK6(run, summaryFile, failed.signal).finally(() => ended.abort());
  const [seen] = await Promise.all([beside, asking]);
  return {
    ...seen,
    title: scenario.title,
    summary: readK6Summary(summaryFile),
    cpuSeconds: cpuSeconds(processes) - before,
    rssAnon: Math.max(...respondersUnder(daemon.pid).map(rssAnon)),
  };
}

async function runK6(run: ScenarioRun, summaryFile: string, failed: AbortSignal): Promise<void> {
  const script = fileURLToPath(new URL(`../k6/${run.name}.ts`, import.meta.url));
  const args = ["run", "--quiet", "--no-usage-report", "--address", "", script];
  const child = spawn(run.k6, args, {
    env: { ...process.env, ...inputs(run), SUMMARY: summaryFile },
    stdio: ["ignore", "inherit", "inherit"],
  });
  failed.addEventListener("abort", () => child.kill("SIGKILL"));
  const [code] = (await once(child, "exit")) as [number | null];
  if (failed.aborted) return;
  if (code !== 0 && code !== THRESHOLD_MISSED) throw new Error(`k6 ended with ${code}`);
}

function inputs({ daemon, requestsFile, pace }: ScenarioRun): Record<string, string> {
  return {
    RESPONDER: daemon.url,
    CRL_PATH: `/crl/${ISSUER}.crl`,
    REQUESTS: requestsFile,
    RATE: String(pace.rate),
    SECONDS: String(pace.seconds),
    P99_MS: String(pace.p99Ms),
  };
}
