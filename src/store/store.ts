/** The named databases; design and keys of each are in the files beside this one. */
export const TABLES = [
  "records",
  "revoked",
  "changes",
  "journal",
  "pending",
  "crls",
  "settings",
] as const;
export type Table = (typeof TABLES)[number];

export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Which rows of a table: from `start` (included) up to `end` (not included), in key order. */
export interface Range {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly limit: number;
  /** Newest first: from just below `end` down to `start`. */
  readonly reverse?: true;
}

/** How many readers hold the store, and how far behind the oldest of them is. */
export interface ReaderState {
  readonly count: number;
  readonly oldestTxns: number;
}

/**
 * Reading the daemon's only durable state, from any process of the machine.
 *
 * Reads never wait for the writer. Reads in one turn of the event loop see one snapshot; a reader that
 * stays busy calls `refresh` to see what was committed meanwhile. Whatever is returned is a copy.
 */
export interface StoreReader {
  get(table: Table, key: Uint8Array): Buffer | undefined;
  /** Copies the value into `into` and returns its length, or -1 where there is none. */
  copyInto(table: Table, key: Uint8Array, into: Uint8Array): number;
  /** At most `limit` rows. */
  rows(table: Table, range: Range): Row[];
  /** Lets go of the snapshot: the next read sees what is committed by then. */
  refresh(): void;
  /** Whether this process stands in the table of readers, so that the writer leaves its pages alone. */
  isRegistered(): boolean;
  close(): Promise<void>;
}

/** Writing inside one transaction; reads see what the transaction has written. */
export interface Transaction {
  get(table: Table, key: Uint8Array): Buffer | undefined;
  put(table: Table, key: Uint8Array, value: Uint8Array): void;
  remove(table: Table, key: Uint8Array): void;
}

/**
 * The daemon's only durable state, for the one process that writes it.
 *
 * A change is durable when its promise resolves: it survives power loss, and a reader in any process
 * sees it. A `body` that throws leaves nothing. Changes that are asked for in one turn share one sync.
 */
export interface Store extends StoreReader {
  transact<T>(body: (transaction: Transaction) => T): Promise<T>;
  /** Clears away readers that died, so that their pages can be used again. */
  clearDeadReaders(): void;
  readers(): ReaderState;
  /** Octets of the data file. */
  size(): number;
}
