import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { giveWay } from "../../src/supervisor/give-way.ts";
import { until } from "../support/until.ts";

it.skipIf(!existsSync("/proc/self/autogroup"))(
  "lowers the priority of a session that was just started, and of no other",
  async () => {
    const own = readFileSync("/proc/self/autogroup", "utf8");
    const child = spawn("sleep", ["60"], { detached: true });
    await once(child, "spawn");
    // Of who is not root Linux takes ten such changes a second, from all sessions together.
    const givesWay = (): boolean => {
      giveWay(child.pid as number);
      return / nice 5$/m.test(readFileSync(`/proc/${child.pid}/autogroup`, "utf8"));
    };
    await until(givesWay, { what: "the session to give way" });
    expect(readFileSync("/proc/self/autogroup", "utf8")).toBe(own);
    child.kill();
    await once(child, "exit");
  },
);

it("leaves all as it is where there is no such process any more", () => {
  expect(() => giveWay(2 ** 30)).not.toThrow();
});
