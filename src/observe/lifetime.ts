/** Resolves with the reason to stop: SIGTERM, SIGINT, or the end of the process that started this one. */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve(signal));
    // The launcher and the supervisor hold a channel to what they start; without them it stops, too.
    if (process.send) process.on("disconnect", () => resolve("parent gone"));
    // Gone while this one was starting: that was told before anybody listened.
    if (process.send && !process.connected) resolve("parent gone");
  });
}

/**
 * Hears SIGHUP from now on, which would end a process that is still starting. What is returned takes what to do then,
 * and does it at once where there was one already.
 */
export function hearHangUps(): (act: () => void) => void {
  let wasHeard = false;
  let act = (): void => {
    wasHeard = true;
  };
  process.on("SIGHUP", () => act());
  return (then) => {
    act = then;
    if (wasHeard) then();
  };
}

/** What still keeps a process that has done all then, as a log that nobody reads, does not keep it longer. */
const LEFTOVER_MS = 1_000;

/** Lets go of what would keep this process from ending by itself, and ends it in spite of what else does. */
export function readyToEnd(): void {
  if (process.connected) process.disconnect?.();
  setTimeout(() => process.exit(), LEFTOVER_MS).unref();
}

/**
 * Ends this process without another step, as kill -9 does, which the store is made for. process.exit waits for a write
 * that is under way in LMDB, which waits for this thread, and then neither ends (seen: 3 of 40 times).
 */
export function endAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
}
