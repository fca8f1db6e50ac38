import type { Span } from "./byte-range.ts";
import { Download } from "./download.ts";
import { OpenFiles } from "./open-files.ts";

/** At most so many at once: each holds a buffer, and shares the line with all others. */
const MOST = 2_000;
const BUFFER_OCTETS = 32 * 1024;
/** Buffers that are kept for the next downloads: new ones would stay until the next large garbage collection. */
const MOST_FREE = 512;
/** A client that takes nothing for so long is let go. The socket's own buffer may cover slow minutes. */
const STALL_MS = 120_000;
/** Where there are too many, one that has taken nothing for so long gives way to a new one. */
const GIVES_WAY_MS = 10_000;
const LOOK_MS = 5_000;
/**
 * So many read from disk, and write what they read, before the event loop looks at its sockets again:
 * what it costs an OCSP request that comes in between. `load/slow-crl.ts` measures it.
 */
const AT_ONCE = 4;

/** How many downloads there may be, and how patient they are; in milliseconds. */
export interface DownloadLimits {
  readonly most: number;
  readonly stallMs: number;
  readonly givesWayMs: number;
}

/**
 * The downloads of one process: CRLs that are too large to be kept. Each reads its file piece by piece
 * as its client takes it; they take turns, so that OCSP goes on beside them, and are bounded in number.
 */
export class Downloads {
  /** How many were refused, or cut off for another, because there were too many. */
  refused = 0;
  readonly #limits: DownloadLimits;
  readonly #files = new OpenFiles();
  /** The one that last moved on longest ago comes first. */
  readonly #underWay = new Set<Download>();
  readonly #waiting: (() => boolean)[] = [];
  readonly #free: Buffer[] = [];
  #opening = 0;
  #turns = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor(limits: Partial<DownloadLimits> = {}) {
    this.#limits = { most: MOST, stallMs: STALL_MS, givesWayMs: GIVES_WAY_MS, ...limits };
  }

  /** How many are under way. */
  get count(): number {
    return this.#underWay.size;
  }

  /** How many files are open for them. */
  get openFiles(): number {
    return this.#files.count;
  }

  /**
   * Opens a file of `size` octets to send a part of it: a download that has to be sent or cancelled.
   * "overloaded" where there are too many; rejects where the file is not there, or not whole.
   */
  async begin(path: string, size: number, span: Span): Promise<Download | "overloaded"> {
    if (!this.#makeRoom()) return "overloaded";
    this.#opening++;
    const file = await this.#files.open(path, size).finally(() => this.#opening--);
    const download = new Download(file, span, {
      takeTurn: (act) => this.#takeTurn(act),
      endTurn: () => this.#endTurn(),
      takeBuffer: () => this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_OCTETS),
      giveBack: (buffer) => {
        if (this.#free.length < MOST_FREE) this.#free.push(buffer);
      },
      movedOn: () => this.#keep(download),
      ended: () => this.#forget(download),
    });
    this.#keep(download);
    return download;
  }

  #makeRoom(): boolean {
    if (this.#underWay.size + this.#opening < this.#limits.most) return true;
    const [stalest] = this.#underWay;
    this.refused++;
    if (!stalest || stalest.idleMs() < this.#limits.givesWayMs) return false;
    stalest.cancel();
    return true;
  }

  #keep(download: Download): void {
    this.#underWay.delete(download);
    this.#underWay.add(download);
    this.#looking ??= setInterval(() => this.#letGoOfStalled(), LOOK_MS).unref();
  }

  #forget(download: Download): void {
    this.#underWay.delete(download);
    if (this.#underWay.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #letGoOfStalled(): void {
    for (const download of this.#underWay) {
      if (download.idleMs() < this.#limits.stallMs) return;
      download.cancel();
    }
  }

  #takeTurn(act: () => boolean): void {
    if (this.#turns >= AT_ONCE) this.#waiting.push(act);
    else if (act()) this.#turns++;
  }

  #endTurn(): void {
    this.#turns--;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (!next()) continue;
      this.#turns++;
      return;
    }
  }
}
