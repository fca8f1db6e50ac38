import { setTimeout as sleep } from "node:timers/promises";
import { untilStopped } from "../../src/observe/lifetime.ts";
import { metrics, onScrape } from "../../src/observe/metrics.ts";
import { readinessOf } from "../../src/observe/readiness.ts";
import { answerReports, reportReady } from "../../src/observe/reports.ts";

/*
 * A process that a supervisor starts, for tests: it has measured something, and answers, or keeps silent.
 */

const [manner = "", count = "0"] = process.argv.slice(2);
metrics.ocspRequests.inc({ method: "GET", result: "good" }, Number(count));
if (manner === "broken") {
  onScrape(() => {
    throw new Error("planted");
  });
}
if (manner === "answers" || manner === "broken") {
  answerReports(() => readinessOf([{ issuer: `of ${count}`, ready: true, reason: null }], []));
}
if (manner === "ends") {
  answerReports(() => {
    process.disconnect?.();
    return readinessOf([], []);
  });
}
if (manner === "orphan") {
  reportReady();
  while (process.connected) await sleep(5);
  process.stderr.write(await untilStopped());
}
if (manner === "silent") process.on("message", () => undefined);
if (manner === "dies") process.on("message", () => process.kill(process.pid, "SIGKILL"));
reportReady();
