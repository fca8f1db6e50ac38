import { StartError } from "../../src/observe/start-error.ts";
import { openStoreReader } from "../../src/store/lmdb.ts";
import { lockForWriting } from "../../src/store/lock.ts";

/*
 * Another process on a store, for tests: does one thing, says on one line how it went, and stays.
 */

const [task, folder = ""] = process.argv.slice(2);

async function lock(): Promise<string> {
  try {
    await lockForWriting(folder);
    return "locked";
  } catch (error) {
    return error instanceof StartError ? `${error.code}: ${error.message}; ${error.do}` : "?";
  }
}

function read(): string {
  const reader = openStoreReader(folder);
  reader.get("records", Buffer.from("first"));
  return reader.isRegistered() ? "registered" : "unregistered";
}

process.stdout.write(`${task === "lock" ? await lock() : read()}\n`);
if (task === "hold") {
  // The snapshot is let go of only when this process returns to its event loop, which it never does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
setInterval(() => undefined, 60_000);
