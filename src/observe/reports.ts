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

/** In a child: answers what the supervisor asks; `responderEnded` hears of responders that are gone. */
export function answerReports(readiness: () => Readiness, responderEnded?: () => void): void {
  if (!process.send) return;
  process.on("message", (message: { ask?: Kind; id?: number; responderEnded?: true }) => {
    if (message.responderEnded) responderEnded?.();
    if (message.ask === undefined) return;
    const made = message.ask === "metrics" ? processMetrics() : Promise.resolve(readiness());
    // Without a report the supervisor does without this process.
    void made.catch(() => undefined).then((report) => tell(process, { id: message.id, report }));
  });
}

/** In a responder's environment, the descriptors of the sockets that the supervisor hands on: `4`, or `4,5` with https. */
export const INHERITED_SOCKETS = "VOUCH_PUBLIC_SOCKETS";

const SUPERVISED = "VOUCH_SUPERVISED";

/** What the supervisor adds to the environment of what it starts. */
export const SUPERVISED_ENVIRONMENT: Readonly<Record<string, string>> = { [SUPERVISED]: "1" };

/** Whether this process runs under the supervisor of `vouch serve`. */
export function isSupervised(): boolean {
  return process.env[SUPERVISED] === "1";
}

/** In a child: tells the supervisor that the work has begun. */
export function reportReady(): void {
  tell(process, { ready: true });
}

/** In the supervisor: tells a child that a responder is gone. */
export function tellResponderEnded(child: ChildProcess): void {
  tell(child, { responderEnded: true });
}

/**
 * Tells the other end of a channel. One that has just died, which nobody may have heard of yet, is told nothing:
 * without who takes the error, it would be thrown, and end this process as well.
 */
function tell(to: Pick<ChildProcess, "send"> | NodeJS.Process, what: object): void {
  to.send?.(what, undefined, undefined, () => undefined);
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
