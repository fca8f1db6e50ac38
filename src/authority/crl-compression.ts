import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { errorText } from "../observe/logger.ts";
import { type CRLRow, publishedCRL, writeCRLRow } from "../store/crl-rows.ts";
import { nextGeneration } from "../store/service-view.ts";
import { crlFileNames, GZIP_SUFFIX, publishAs, publishWritten } from "./crl-files.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/** Of a smaller CRL the head of the response is larger than what could be saved. */
const LEAST_OCTETS = 1_024;
/** Where less is saved, it is not worth the client's effort. */
const MOST_OF_SIZE = 0.95;
const CHUNK_OCTETS = 256 * 1024;
/** Of a million entries half is left, as at gzip's usual 6 (50 against 48 %), in a third of the time (0.8 s). */
const LEVEL = 4;

type Compressed = NonNullable<CRLRow["gzip"]>;

/**
 * Makes the compressed form of CRLs after they were published: nobody waits for it, and until it is there
 * the CRL is given as it is. One after the other, on a thread of libuv's pool; a CRL of 40 MB takes a second.
 */
export class CRLCompression {
  readonly #desk: Pick<Desk, "store" | "log">;
  readonly #folder: string;
  readonly #stopping = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** `folder` is where CRL files are published. */
  constructor(desk: Pick<Desk, "store" | "log">, folder: string) {
    this.#desk = desk;
    this.#folder = folder;
  }

  /** Begins with the CRLs of a round that were published, when those before are done. */
  begin(issuer: Issuer, rows: readonly CRLRow[]): void {
    const due = rows.filter(({ refused, bytes }) => refused === null && bytes >= LEAST_OCTETS);
    if (due.length === 0) return;
    this.#last = this.#last
      .then(() => this.#compressAll(issuer, due))
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        const reason = errorText(error);
        this.#desk.log.warn({ issuer: issuer.name, reason }, "a CRL is not given compressed");
      });
  }

  /** Resolves when all that was begun is done. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** Leaves what is not done undone; resolves when nothing writes any more. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#last;
  }

  async #compressAll(issuer: Issuer, rows: readonly CRLRow[]): Promise<void> {
    const done: CRLRow[] = [];
    for (const row of rows) {
      const gzip = await this.#compressed(issuer, row);
      if (gzip && gzip.bytes <= row.bytes * MOST_OF_SIZE) done.push({ ...row, gzip });
    }
    if (done.length === 0 || this.#stopping.signal.aborted) return;
    await this.#desk.store.transact((transaction) => {
      for (const row of done) writeCRLRow(transaction, issuer.number, row);
      nextGeneration(transaction);
    });
    for (const row of done) if (this.#isNewest(issuer, row)) await this.#giveName(issuer, row);
  }

  /** Of several rounds in a row, only what is still the newest is worth it. */
  async #compressed(issuer: Issuer, row: CRLRow): Promise<Compressed | undefined> {
    const { signal } = this.#stopping;
    if (signal.aborted || !this.#isNewest(issuer, row)) return undefined;
    return compress(join(this.#folder, row.file), signal);
  }

  #isNewest(issuer: Issuer, { scope, crlNumber }: Pick<CRLRow, "scope" | "crlNumber">): boolean {
    this.#desk.store.refresh();
    return publishedCRL(this.#desk.store, issuer.number, scope)?.crlNumber === crlNumber;
  }

  async #giveName(issuer: Issuer, { scope, crlNumber, file }: CRLRow): Promise<void> {
    const { newest } = crlFileNames(issuer.name, scope, crlNumber);
    const [own, name] = [file, newest].map((one) => join(this.#folder, one) + GZIP_SUFFIX);
    if (!own || !name) return;
    await publishAs(own, name);
    // Where the next CRL was published meanwhile, its name may have been there first.
    if (!this.#isNewest(issuer, { scope, crlNumber })) await rm(name, { force: true });
  }
}

/** Writes `path` compressed beside it. */
async function compress(path: string, signal: AbortSignal): Promise<Compressed> {
  const hash = createHash("sha256");
  let bytes = 0;
  await publishWritten(path + GZIP_SUFFIX, (file) =>
    pipeline(
      createReadStream(path, { highWaterMark: CHUNK_OCTETS }),
      createGzip({ level: LEVEL, chunkSize: CHUNK_OCTETS }),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          await file.writeFile(piece);
        }
      },
      { signal },
    ),
  );
  return { bytes, sha256: hash.digest("hex") };
}
