import type { ChildProcess } from "node:child_process";
import { type ProcessMetrics, processMetrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";

/*
 * What a process says to the supervisor that started it, over the channel between them: that it is ready,
 * and, when asked, its metrics or its readiness.
 */

/** What can be asked of a process. */
interface Reports {
  readonly metrics: ProcessMetrics;
  readonly readiness: Readiness;
}

type Kind = keyof Reports;

/** A process that does not answer within this has not answered. */
const PATIENCE_MS = 2_000;

/** In a child: answers what the supervisor asks, and tells `orphaned` when the supervisor is gone. */
export function answerReports(readiness: () => Readiness, orphaned: () => void): void {
  if (!process.send) return;
  process.on("message", (message: { ask?: Kind; id?: number }) => {
    if (message.ask === undefined) return;
    const made = message.ask === "metrics" ? processMetrics() : Promise.resolve(readiness());
    void made.then((report) => process.send?.({ id: message.id, report }));
  });
  process.on("disconnect", orphaned);
}

/** In a child: tells the supervisor that the work has begun. */
export function reportReady(): void {
  process.send?.({ ready: true });
}

let lastId = 0;

/** In the supervisor: asks a child; nothing when it does not answer. */
export function askReport<K extends Kind>(
  child: ChildProcess,
  kind: K,
): Promise<Reports[K] | undefined> {
  const id = ++lastId;
  return new Promise((resolve) => {
    const settle = (report: Reports[K] | undefined): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(report);
    };
    const onMessage = (message: { id?: number; report?: Reports[K] }): void => {
      if (message.id === id) settle(message.report);
    };
    const onExit = (): void => settle(undefined);
    const timer = setTimeout(onExit, PATIENCE_MS);
    child.on("message", onMessage);
    child.once("exit", onExit);
    child.send({ ask: kind, id }, (error) => error && settle(undefined));
  });
}
