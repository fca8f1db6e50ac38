import { constants, fstatSync, openSync } from "node:fs";

/**
 * The pipe behind a descriptor, opened anew, so that whether writing to it blocks is its holder's own matter: Node makes
 * a pipe that it was given blocking for everybody who shares it, at each start and at each end of a child, and then a
 * log that nobody reads would stop the processes that write to it. Nothing where there is no pipe, or it cannot be had.
 */
export function pipeOfItsOwn(fd: number): number | undefined {
  if (!fstatSync(fd).isFIFO()) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Nobody has it open for reading any more, or /proc is not there.
    return undefined;
  }
}
