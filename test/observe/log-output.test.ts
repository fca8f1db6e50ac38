import { execFileSync } from "node:child_process";
import { constants, createWriteStream, openSync, readSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { LogOutput } from "../../src/observe/log-output.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const LINE = `${"x".repeat(999)}\n`;

const folder = tempFolder();
let close = (): void => undefined;

afterEach(() => close());
afterAll(() => removeFolder(folder));

it("keeps some lines for a pipe that nobody reads, drops more, and tells how many when it is read again", async () => {
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const stream = new Socket({ fd: openSync(fifo, constants.O_WRONLY), readable: false });
  close = () => stream.destroy();
  const output = new LogOutput(stream);
  const told: number[] = [];
  output.onRecovered = (lost) => told.push(lost);
  for (let i = 0; i < 2_000; i++) output.write(LINE);
  expect(stream.writableLength).toBeLessThan(300_000);
  const octets = Buffer.alloc(65_536);
  const isTold = (): boolean => {
    try {
      readSync(reader, octets);
    } catch {
      // It is empty.
    }
    return told.length > 0;
  };
  await until(isTold, { what: "to be told", every: 1 });
  expect(told).toHaveLength(1);
  expect(told[0]).toBeGreaterThan(1_500);
});

it("goes on after a write that fails", async () => {
  const stream = createWriteStream("/dev/full");
  close = () => stream.destroy();
  const output = new LogOutput(stream);
  output.write(LINE);
  await until(() => stream.errored !== null, { what: "the write to fail" });
  output.write(LINE);
});
