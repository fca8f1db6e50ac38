import type { Spread } from "../site/spread.ts";

/** Milliseconds from a revocation's request to the first answer that says `revoked`. */
export interface RevokeVisible {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How fast requests were answered. */
export interface Rates {
  /** Processor time of all of Vouch's processes. */
  readonly requestsPerCpuSecond: Spread;
  /** That, against a small store's in the same round. */
  readonly rateAgainstReference: Spread;
  readonly p99Ms: Spread;
}

/** How requests were answered. */
export interface Answering extends Rates {
  /** From the start of the process to the first good answer. */
  readonly firstAnswerMs: Spread;
  readonly revokeVisible: RevokeVisible;
  /** The responder's private memory once it has served every record, in octets. */
  readonly rssAnon: number;
}

/** What an import in order of serial numbers cost. */
export interface Importing {
  readonly importSeconds: number;
  /** Of Vouch's daemon, not of the command. */
  readonly importCpuSeconds: number;
  /** Of the store's file, a record. */
  readonly storeOctets: number;
}

/** What the sweep cost. */
export interface Sweeping {
  readonly revokeVisibleInSweep: RevokeVisible;
  /** Of the authority, to sign every record's answers anew. */
  readonly sweepCpuSeconds: number;
}

/** How long and how often is measured. */
export interface Thoroughness {
  readonly seconds: number;
  readonly rounds: number;
}

/** Everything that was measured with one number of records. */
export interface GrowthRow extends Importing, Answering, Sweeping, Thoroughness {
  readonly records: number;
  readonly measured: string;
  readonly machine: string;
  readonly client: "wrk" | "node";
  /** Octets of the store a record once 30 % more have come in scattered order. */
  readonly storeOctetsLater: number;
}
