import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { goodCsv } from "../support/site.ts";
import { until } from "../support/until.ts";
import { NODE, ROOT, vouchEnvironment } from "../support/vouch-cli.ts";
import { makeBench } from "./bench.ts";

const bench = await makeBench();

/** Runs a command until the authority has been asked this, then presses Ctrl-C; how it ended. */
async function interrupted(line: string, ...args: string[]) {
  bench.authority.answers[line] = "hang";
  const command = [join(ROOT, "src/main.ts"), ...args, "--config", bench.places.config];
  const child = spawn(NODE, command, {
    env: vouchEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, said] = [text(child.stdout), text(child.stderr)];
  const ended = once(child, "exit");
  await until(() => bench.authority.asked.some((one) => one.line === line), { what: line });
  child.kill("SIGINT");
  const [code, signal] = await ended;
  return { code, signal, stdout: await out, stderr: await said };
}

it("of an import says what stays", async () => {
  const csv = join(bench.places.folder, "some.csv");
  writeFileSync(csv, goodCsv(["1", "2"]));
  expect(await interrupted("POST /import/gov-1", "import", "gov-1", csv)).toMatchObject({
    signal: "SIGINT",
    stdout: "",
    stderr: expect.stringMatching(/\ninterrupted: .*import the same again/),
  });
});

it("of a withdrawal says that it stands", async () => {
  const report = { issuer: "gov-1", serialNumber: "7", sequence: 9, signer: "8" };
  bench.authority.answers["POST /signers/gov-1/7/withdraw"] = {
    document: { ...report, records: 5, estimateSeconds: 1 },
  };
  const line = "GET /signers/gov-1/replacement";
  expect(await interrupted(line, "signer", "withdraw", "gov-1", "7")).toMatchObject({
    signal: "SIGINT",
    stdout: "",
    stderr: expect.stringMatching(/is withdrawn \(journal 9\).*\ninterrupted: .*stays withdrawn/s),
  });
});

it("of what changes nothing ends it without a word", async () => {
  const { signal, stderr } = await interrupted("GET /stats", "stats");
  expect([signal, stderr]).toEqual(["SIGINT", ""]);
});
