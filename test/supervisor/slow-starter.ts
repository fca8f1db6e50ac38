import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/*
 * A process that a supervisor starts, for tests: it says that it is ready after a while, and takes no SIGHUP before.
 * What it does take it notes in the file that is named.
 */

const [noted = ""] = process.argv.slice(2);
await sleep(300);
process.on("SIGHUP", () => writeFileSync(noted, "SIGHUP"));
process.on("SIGTERM", () => process.exit(0));
// Its end ends this process, which nothing else keeps.
process.on("disconnect", () => process.exit(0));
process.on("message", () => undefined);
process.send?.({ ready: true });
