import fsPromises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { Store, Transaction } from "../../src/store/store.ts";

/*
 * Publishes CRLs in a process of its own, or imports the one that is named, and is killed in the middle: `OPERATION N`
 * is the file operation, or transaction, at which it kills itself, as kill -9 does. It says `published` where it came
 * so far.
 */

const [configFile = "", operation = "", occurrence = "0", imported] = process.argv.slice(2);
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
const { importerOf } = await import("./imported-crl/import-office.ts");

const loaded = await loadConfig(configFile);
if (!loaded.ok) throw new Error("bad configuration");
const office = new Office("", { remove: () => undefined } as never, loaded.config);
await office.open();
crashAt();
if (imported === undefined) await office.issueCRLs();
else await bring(imported);
process.stdout.write("published\n");
await office.shut();

async function bring(file: string): Promise<void> {
  const { importer, renewal, compression } = importerOf(office);
  const request = { file, name: "brought.crl", by: "test", dryRun: false };
  const { bad } = await importer.import(office.issuer(), request);
  if (bad.length > 0) throw new Error(bad[0]?.message);
  await Promise.all([renewal.stop(), compression.stop()]);
}

/** From here on, the chosen operation is the last. */
function crashAt(): void {
  const operations = fsPromises as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["open", "rename", "rm", "unlink", "link", "chmod"]) {
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
