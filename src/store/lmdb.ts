import { statSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";
import { dataFile, missingStore, storeExists } from "../config/data-files.ts";
import { StartError } from "../observe/start-error.ts";
import { dataFileFault } from "./data-file-fault.ts";
import {
  type Range,
  type ReaderState,
  type Row,
  type Store,
  type StoreReader,
  TABLES,
  type Table,
  type Transaction,
} from "./store.ts";
import { StoreFiles } from "./store-files.ts";
import { isCommitFailure, writeFailureText } from "./write-failure.ts";

type Tables = Readonly<Record<Table, Database<Buffer, Uint8Array>>>;

class LmdbReader implements StoreReader {
  protected readonly root: RootDatabase<Buffer, Uint8Array>;
  protected readonly tables: Tables;

  constructor(root: RootDatabase<Buffer, Uint8Array>) {
    this.root = root;
    this.tables = Object.fromEntries(
      TABLES.map((name) => [
        name,
        root.openDB<Buffer, Uint8Array>(name, { encoding: "binary", keyEncoding: "binary" }),
      ]),
    ) as Record<Table, Database<Buffer, Uint8Array>>;
  }

  get(table: Table, key: Uint8Array): Buffer | undefined {
    return this.tables[table].getBinary(key);
  }

  copyInto(table: Table, key: Uint8Array, into: Uint8Array): number {
    // getBinaryFast returns one shared buffer that the next read overwrites, so it is copied at once. It is
    // longer than the value, whose size stands in a `length` property of its own.
    const value = this.tables[table].getBinaryFast(key);
    if (value === undefined) return -1;
    return value.copy(into, 0, 0, value.length);
  }

  rows(table: Table, { start, end, limit, reverse }: Range): Row[] {
    // Backwards lmdb-js takes in `start` and leaves out `end` by itself: the contract is the other way round.
    const range = reverse
      ? { start: end, end: start, limit, reverse, exclusiveStart: true, inclusiveEnd: true }
      : { start, end, limit };
    // lmdb-js copies each key and binary value of a range into memory of its own.
    const rows: Row[] = [];
    for (const { key, value } of this.tables[table].getRange(range)) {
      rows.push({ key: key as Buffer, value });
    }
    return rows;
  }

  refresh(): void {
    this.root.resetReadTxn();
  }

  isRegistered(): boolean {
    return this.root
      .readerList()
      .split("\n")
      .some((line) => Number.parseInt(line, 10) === process.pid);
  }

  async close(): Promise<void> {
    await this.root.close();
  }
}

async function throwWriteFailure(error: Error): Promise<never> {
  if (!isCommitFailure(error)) throw error;
  throw new StartError(
    "internal",
    `the store cannot be written: ${await writeFailureText(error)}`,
    "nothing was changed; look at the disk (vouch check), then give the command again",
  );
}

/** It is on disk, and no start will find it there. */
function writtenElsewhere(fault: string): StartError {
  return new StartError(
    "internal",
    `the change is lost: ${fault}`,
    "put the data folder back in its place, then give the command again",
  );
}

class LmdbStore extends LmdbReader implements Store {
  readonly #file: string;
  readonly #files: StoreFiles;

  constructor(root: RootDatabase<Buffer, Uint8Array>, folder: string) {
    super(root);
    this.#file = dataFile(folder);
    this.#files = new StoreFiles(folder);
  }

  async transact<T>(body: (transaction: Transaction) => T): Promise<T> {
    // A child transaction, since a throw in transaction() still commits what was queued before it.
    const result = await this.root
      .childTransaction(() => body(this.#transaction))
      .catch(throwWriteFailure);
    const fault = this.#files.writerFault();
    if (fault !== undefined) throw writtenElsewhere(fault);
    return result;
  }

  clearDeadReaders(): void {
    this.root.readerCheck();
  }

  readers(): ReaderState {
    const transactions = this.root
      .readerList()
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([pid]) => /^\d+$/.test(pid ?? ""))
      .map(([, , txn]) => Number(txn));
    const held = transactions.filter((txn) => Number.isFinite(txn));
    const last = (this.root.getStats() as { lastTxnId?: number }).lastTxnId ?? 0;
    const oldestTxns = held.length === 0 ? 0 : Math.max(0, last - Math.min(...held));
    return { count: transactions.length, oldestTxns };
  }

  size(): number {
    return statSync(this.#file).size;
  }

  readonly #transaction: Transaction = {
    get: (table, key) => this.tables[table].getBinary(key),
    put: (table, key, value) => this.tables[table].putSync(key, value as Buffer),
    remove: (table, key) => {
      this.tables[table].removeSync(key);
    },
  };
}

const OPTIONS = {
  maxDbs: TABLES.length + 1,
  encoding: "binary",
  keyEncoding: "binary",
  // With overlapping sync a value is readable elsewhere before it is on disk, also when the sync fails.
  overlappingSync: false,
} as const;

/** Opens the store for the one writer; it must exist. */
export function openStore(folder: string): Store {
  requireStore(folder);
  return new LmdbStore(open({ path: folder, ...OPTIONS }), folder);
}

/** Makes an empty store, and opens it; only `vouch init` does. */
export function createStore(folder: string): Store {
  return new LmdbStore(open({ path: folder, ...OPTIONS }), folder);
}

/** Opens the store read-only; it must exist. */
export function openStoreReader(folder: string): StoreReader {
  requireStore(folder);
  return new LmdbReader(open({ path: folder, ...OPTIONS, readOnly: true }));
}

function requireStore(folder: string): void {
  if (!storeExists(folder)) throw missingStore(folder);
  // LMDB itself would end the process with a signal, and say nothing.
  const fault = dataFileFault(dataFile(folder));
  if (fault === undefined) return;
  const remedy = "restore it from a backup; move the damaged file away, do not delete it";
  throw new StartError("storeDamaged", `${dataFile(folder)} ${fault}`, remedy);
}
