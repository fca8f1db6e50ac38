import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startSigningPool } from "../../src/signing/pool.ts";
import { mustRun } from "../support/run-program.ts";
import { NODE, ROOT } from "../support/vouch-cli.ts";

const WORKER = fileURLToPath(new URL("../../workers/sign.ts", import.meta.url));

/** Prints the niceness of this process, and that of each of its threads once a job is done. */
const TELL_NICENESS = `
import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { startSigningPool } from "./src/signing/pool.ts";
const pool = startSigningPool(1);
await pool.probe({ keyFile: "/nowhere", certificate: Buffer.alloc(0) });
const tasks = readdirSync("/proc/self/task").map((task) => {
  const stat = readFileSync("/proc/self/task/" + task + "/stat", "latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
});
await pool.close();
console.log(JSON.stringify({ own: getPriority(), tasks }));
`;

describe("the signing pool", () => {
  it("gives no thread more than a process that nice(1) started has, which only root might", () => {
    const script = [NODE, "--no-warnings", "--input-type=module", "-e", TELL_NICENESS];
    const told = JSON.parse(mustRun("nice", ["-n", "14", ...script], ROOT));
    expect(told.own).toBeGreaterThanOrEqual(14);
    expect(Math.min(...told.tasks)).toBe(told.own);
  });

  it("cannot have its worker `require`d: ended in the middle of that, a thread would abort the process", () => {
    const load = (): unknown => createRequire(import.meta.url)(WORKER);
    expect(load).toThrow(expect.objectContaining({ code: "ERR_REQUIRE_ASYNC_MODULE" }));
  });

  it("closes while its threads are still starting", async () => {
    for (let time = 0; time < 5; time++) await startSigningPool(2).close();
  });

  it("gives up what is under way when it closes", async () => {
    const pool = startSigningPool(1);
    const job = pool.probe({ keyFile: "/nowhere", certificate: Buffer.alloc(0) });
    const outcome = expect(job).rejects.toThrow();
    await pool.close();
    await outcome;
  });
});
