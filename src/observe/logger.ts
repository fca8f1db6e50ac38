import { type Logger, pino } from "pino";
import { LogOutput } from "./log-output.ts";

export type { Logger } from "pino";

/** Which process writes. */
export type Role = "supervisor" | "authority" | "responder";

/**
 * JSON lines on standard error, written at once so that none is lost when the process dies; where nobody reads them,
 * or the disk is full, the process goes on without. Only what an operator acts on is logged: requests are counted in
 * metrics, never logged one by one.
 */
export function createLogger(role: Role): Logger {
  const output = new LogOutput(process.stderr);
  const base = { role, pid: process.pid };
  const log = pino({ base, timestamp: pino.stdTimeFunctions.isoTime }, output);
  output.onRecovered = (lost) => log.warn({ lost }, "lines of this log could not be written");
  return log;
}

/** An error's own words, without its stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const MINUTE_MS = 60_000;

/** Writes at most once a minute: what any request may bring about must not fill the log. */
export function onceAMinute(write: (reason: string) => void): (error: unknown) => void {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - writtenAt < MINUTE_MS) return;
    writtenAt = performance.now();
    write(errorText(error));
  };
}
