import { setInterval } from "node:timers";
import { startThreads } from "../src/signing/pool.ts";
import { SharedModule } from "../src/signing/shared-module.ts";
import type { TokenQuestion, TokenReply } from "../src/signing/token-child.ts";

/* The process of one token: signing threads that share its library, and a watch over calls that do not end. */

const LOOK_MS = 500;

const [path = "", threads = "1"] = process.argv.slice(2);
const shared = SharedModule.shared();
const signing = startThreads(Number(threads), { path, shared });
const module = new SharedModule(shared);

// Once the channel has closed nobody is told, and that is no error of this process.
const tell = (reply: TokenReply): void =>
  void process.send?.(reply, undefined, undefined, () => undefined);

process.on("message", ({ id, urgency, job, refusedPins }: TokenQuestion) => {
  module.pins.refuse(refusedPins);
  signing.run(urgency, job).then(
    (result) => tell({ id, result, refusedPins: module.pins.refused }),
    (error: Error) => tell({ id, error: error.message, refusedPins: module.pins.refused }),
  );
});

setInterval(() => {
  if (module.hangs) tell("hangs");
}, LOOK_MS);

// A terminal and systemd signal the whole group: the authority, whose channel this is, says when to end.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
// A thread that hangs can be neither ended nor waited for, nor can what a library does at the process's exit.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
