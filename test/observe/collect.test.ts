import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Child } from "../../src/supervisor/child.ts";
import { collectedMetrics, collectedReadiness } from "../../src/supervisor/collect.ts";
import { parsePrometheus, total } from "../support/prometheus-text.ts";
import { NODE, vouchEnvironment } from "../support/vouch-cli.ts";

const PROGRAM = fileURLToPath(new URL("child.ts", import.meta.url));
const started: ChildProcess[] = [];

// Time stands still but for what a test lets pass: no answer comes too late on a machine that is busy.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** A child that is ready, as the supervisor holds it. */
async function child(manner: "answers" | "broken" | "silent" | "dies", count = 0): Promise<Child> {
  const process = spawn(NODE, [PROGRAM, manner, String(count)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: vouchEnvironment(),
  });
  started.push(process);
  await once(process, "message");
  return { process } as unknown as Child;
}

const beingReplaced = { process: undefined } as Child;

async function requests(children: readonly Child[]): Promise<number> {
  const read = parsePrometheus(await collectedMetrics(children));
  return total(read, "vouch_ocsp_requests_total", { method: "GET", result: "good" });
}

describe("the supervisor's metrics", () => {
  it("are the sum over its children and itself", async () => {
    const children = await Promise.all([child("answers", 3), child("answers", 4)]);
    expect(await requests(children)).toBe(7);
    expect(await requests([...children, beingReplaced])).toBe(7);
    const read = parsePrometheus(await collectedMetrics(children));
    expect(total(read, "process_resident_memory_bytes")).toBeGreaterThan(60_000_000);
  });

  it("do without a child that dies while it is asked", async () => {
    expect(await requests(await Promise.all([child("answers", 3), child("dies", 4)]))).toBe(3);
  });

  it("do without one whose metrics cannot be read, at once, and it lives on", async () => {
    const children = await Promise.all([child("answers", 3), child("broken", 4)]);
    expect(await requests(children)).toBe(3);
    expect(await collectedReadiness(children.slice(1))).toMatchObject({ ready: true });
  });

  it("wait two seconds for one that does not answer", async () => {
    const [answers, silent] = await Promise.all([child("answers", 3), child("silent", 4)]);
    let isOver = false;
    const asking = requests([answers, silent]).finally(() => {
      isOver = true;
    });
    await once(answers.process as ChildProcess, "message");
    vi.advanceTimersByTime(1_999);
    await nextTurn();
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await asking).toBe(3);
  });

  it("leave no listeners behind", async () => {
    const one = await child("answers", 1);
    for (let time = 0; time < 20; time++) await requests([one]);
    expect(one.process?.listenerCount("message")).toBe(0);
    expect(one.process?.listenerCount("exit")).toBe(0);
  });
});

describe("the supervisor's readiness", () => {
  it("is what the first responder says that answers", async () => {
    const [dies, answers] = await Promise.all([child("dies"), child("answers", 5)]);
    expect(await collectedReadiness([beingReplaced, dies, answers])).toEqual({
      ready: true,
      issuers: [{ issuer: "of 5", ready: true, reason: null }],
    });
  });

  it("is not, without a responder", async () => {
    expect(await collectedReadiness([])).toEqual({ ready: false, issuers: [] });
    expect(await collectedReadiness([beingReplaced])).toEqual({ ready: false, issuers: [] });
  });
});
