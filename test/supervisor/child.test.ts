import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, expect, it } from "vitest";
import { Child } from "../../src/supervisor/child.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const PROGRAM = fileURLToPath(new URL("slow-starter.ts", import.meta.url));

const folder = tempFolder();
const noted = join(folder, "noted");
let child: Child | undefined;

afterEach(async () => {
  await child?.stop();
  removeFolder(folder);
});

it("a signal for one that is still starting reaches it when it has started, and does not end it", async () => {
  const plan = { role: "responder", arguments: [PROGRAM, noted], env: {}, sockets: [] } as const;
  child = new Child(plan, pino({ level: "silent" }), () => undefined);
  const started = child.start();
  child.signal("SIGHUP");
  expect(await started).toBe("ready");
  await until(() => existsSync(noted), { what: "SIGHUP" });
});
