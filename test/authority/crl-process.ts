import fsPromises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { Store, Transaction } from "../../src/store/store.ts";

/*
 * Publishes one CRL in a process of its own, and is killed in the middle: `OPERATION N` is the file operation,
 * or transaction, at which it kills itself, as kill -9 does. It says `published` where it came so far.
 */

const [configFile = "", operation = "", occurrence = "0"] = process.argv.slice(2);
let left = Number(occurrence);

function die(): void {
  process.kill(process.pid, "SIGKILL");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function isNow(name: string): boolean {
  return name === operation && --left === 0;
}

const { loadConfig } = await import("../../src/config/load.ts");
const { Office } = await import("./office.ts");

const loaded = await loadConfig(configFile);
if (!loaded.ok) throw new Error("bad configuration");
const office = new Office("", { remove: () => undefined } as never, loaded.config);
await office.open();
crashAt();
await office.issueCRLs();
process.stdout.write("published\n");
await office.shut();

/** From here on, the chosen operation is the last. */
function crashAt(): void {
  const operations = fsPromises as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["open", "rename", "rm", "unlink"]) {
    const real = operations[name];
    operations[name] = async (...args) => {
      if (isNow(name)) die();
      const made = await real?.apply(fsPromises, args);
      return name === "open" ? halfWriting(made as FileHandle) : made;
    };
  }
  syncBuiltinESMExports();
  const { store } = office.desk as { store: { transact: Store["transact"] } };
  const transact = store.transact.bind(store);
  store.transact = <T>(body: (transaction: Transaction) => T): Promise<T> =>
    transact((transaction) => {
      const result = body(transaction);
      if (isNow("transact")) die();
      return result;
    });
}

function halfWriting(handle: FileHandle): FileHandle {
  const write = handle.writeFile.bind(handle);
  handle.writeFile = async (octets) => {
    if (!isNow("writeFile")) return write(octets);
    await handle.write(octets as Uint8Array, 0, (octets as Uint8Array).length >> 1);
    return die();
  };
  return handle;
}
