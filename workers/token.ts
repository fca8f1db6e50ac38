import { setInterval } from "node:timers";
import { ModuleGate } from "../src/signing/module-gate.ts";
import { startThreads } from "../src/signing/pool.ts";
import type { TokenQuestion, TokenReply } from "../src/signing/token-process.ts";

/* The process of one token: signing threads that share its library, and a watch over calls that do not end. */

const LOOK_MS = 500;
const END_MS = 1_000;

const [path = "", threads = "1"] = process.argv.slice(2);
const shared = ModuleGate.shared();
const signing = startThreads(Number(threads), { path, gate: shared });
const gate = new ModuleGate(shared);

const tell = (reply: TokenReply): void => void process.send?.(reply);

process.on("message", ({ id, urgency, job }: TokenQuestion) => {
  signing.run(urgency, job).then(
    (result) => tell({ id, result }),
    (error: unknown) => tell({ id, error: (error as Error).message }),
  );
});

setInterval(() => {
  if (gate.hangs) tell("hangs");
}, LOOK_MS);

// A terminal and systemd signal the whole group: the authority, whose channel this is, says when to end.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.once("disconnect", () => {
  // A thread that hangs can be neither ended nor waited for.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), END_MS);
  void signing.close().then(() => process.exit(0));
});
