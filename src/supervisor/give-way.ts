import { writeFileSync } from "node:fs";

/** As nice(1) has it: a third of a responder's share where both want the processor, all of it where none does. */
const NICENESS = 5;

/**
 * Lets a process that was just started, and leads a session of its own, give way to those that answer the network.
 * Linux divides processor time between sessions before it looks at priorities in them (sched(7), "The autogroup
 * feature"), so that the priorities of signing threads alone would not reach responders. Where there are no
 * such groups, or they may not be set, all is as it was.
 */
export function giveWay(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS));
  } catch {
    // Groups are for the whole machine to have or not; under systemd CPUWeight= says the same.
  }
}
