import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/*
 * The head of LMDB's data file (MDB_page and MDB_meta, mdb.c, as lmdb-js 3.5 builds it): two meta pages,
 * of which the one with the higher transaction is in force; little-endian.
 */
const META_AT = 24;
const META_OCTETS = 136;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 24;
const LAST_PAGE_AT = 120;
const TRANSACTION_AT = 128;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/**
 * Why a file is no whole LMDB data file, or nothing: LMDB maps it into memory and, where it is empty,
 * foreign or cut short, ends the process with a signal. Pages further in are not looked at.
 */
export function dataFileFault(file: string): string | undefined {
  const fd = openSync(file, "r");
  try {
    const first = readMeta(fd, 0);
    const second = first && readMeta(fd, first.pageSize);
    if (!first || !second) return "is no LMDB data file, or its first pages are damaged";
    const { pageSize, lastPage } = first.transaction > second.transaction ? first : second;
    const needed = (Number(lastPage) + 1) * pageSize;
    // Looked at last: beside a running writer the file only grows.
    const { size } = fstatSync(fd);
    return size < needed ? `is cut short: ${size} octets of at least ${needed}` : undefined;
  } finally {
    closeSync(fd);
  }
}

function readMeta(fd: number, page: number): Meta | undefined {
  const meta = Buffer.alloc(META_OCTETS);
  const read = readSync(fd, meta, 0, META_OCTETS, page + META_AT);
  if (read < META_OCTETS || meta.readUInt32LE(0) !== MAGIC) return undefined;
  return {
    pageSize: meta.readUInt32LE(PAGE_SIZE_AT),
    lastPage: meta.readBigUInt64LE(LAST_PAGE_AT),
    transaction: meta.readBigUInt64LE(TRANSACTION_AT),
  };
}
