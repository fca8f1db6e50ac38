import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { askReport, tellResponderEnded } from "../../src/observe/reports.ts";
import { until } from "../support/until.ts";
import { NODE, vouchEnvironment } from "../support/vouch-cli.ts";

/* Either end of the channel between the supervisor and a process may die at any moment. */

const PROGRAM = fileURLToPath(new URL("child.ts", import.meta.url));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

async function child(manner: string): Promise<ChildProcess> {
  const process = spawn(NODE, [PROGRAM, manner], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: vouchEnvironment(),
  });
  started.push(process);
  await once(process, "message");
  return process;
}

/** Kills it, and comes back when the last of its threads has ended; this process hears of that only in its next turn. */
function killUnheard({ pid = 0 }: ChildProcess): void {
  process.kill(pid, "SIGKILL");
  const isDead = (): boolean =>
    readdirSync(`/proc/${pid}/task`).length === 1 &&
    / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  while (!isDead());
}

describe("a process that has died unheard", () => {
  it("is told nothing, and whoever tells it lives on", async () => {
    const dead = await child("answers");
    const failures: unknown[] = [];
    dead.on("error", (error) => failures.push(error));
    killUnheard(dead);
    expect(dead.connected).toBe(true);
    tellResponderEnded(dead);
    await once(dead, "exit");
    expect(failures).toEqual([]);
  });

  it("has no report", async () => {
    const dead = await child("answers");
    killUnheard(dead);
    expect(await askReport(dead, "metrics")).toBeUndefined();
  });
});

it("a process whose supervisor dies while it starts ends all the same", async () => {
  const orphan = await child("orphan");
  let said = "";
  orphan.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(orphan, "exit");
  orphan.disconnect();
  const [code] = await ended;
  await until(() => said !== "", { what: "its last word" });
  expect([code, said]).toEqual([0, "parent gone"]);
});

it("a process that ends while it is asked says nothing, and ends as it would", async () => {
  const ending = await child("ends");
  let said = "";
  ending.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  ending.send({ ask: "readiness", id: 1 });
  const [code] = await once(ending, "close");
  expect([code, said]).toEqual([0, ""]);
});
