import type { Logger } from "../observe/logger.ts";
import type { Signing } from "../signing/jobs.ts";
import type { Store } from "../store/store.ts";
import { AnswerMaker } from "./answer-maker.ts";
import { Census } from "./census.ts";
import type { Clock } from "./clock.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { Configured } from "./configured.ts";
import type { Issuer } from "./issuer.ts";
import { LiveFloor } from "./live/live-floor.ts";
import { Unanswered } from "./unanswered.ts";
import { UnderWay } from "./under-way.ts";

/** What the authority's rules work with; the composition root puts it together. */
export interface Desk {
  readonly store: Store;
  readonly maker: AnswerMaker;
  readonly census: Census;
  /** The time, by a clock that is watched. */
  readonly clock: Clock;
  /** Whether the clock can be relied on now: asked before anything is signed. */
  readonly maySign: () => boolean;
  /** What binds the times of answers beside the records. */
  readonly floor: LiveFloor;
  readonly log: Logger;
  /** The issuers as they are configured now; a reload changes what it returns. */
  readonly issuers: () => readonly Issuer[];
  /** How many threads sign in bulk. */
  readonly signingThreads: number;
  readonly unanswered: Unanswered;
  /** The numbers of issuers whose withdrawn signers' answers are being replaced: the sweep leaves those alone. */
  readonly replacing: Set<number>;
  /** What is being signed ahead now. */
  readonly underWay: UnderWay;
}

/** A desk by a watched clock. */
export function makeDesk(parts: {
  readonly store: Store;
  readonly signing: Signing;
  readonly configured: Configured;
  readonly watch: Pick<ClockWatch, "now" | "maySign">;
  readonly log: Logger;
}): Desk {
  const { store, signing, configured, log } = parts;
  const { now: clock, maySign } = parts.watch;
  const floor = new LiveFloor(store);
  return {
    store,
    maker: new AnswerMaker({ signing, clock, maySign, floor, log }),
    census: new Census(
      (number, signer) => isServed(configured.issuers, number, signer),
      (number) => floor.of(number),
    ),
    clock,
    maySign,
    floor,
    log,
    issuers: () => configured.issuers,
    signingThreads: configured.signingThreads,
    unanswered: new Unanswered(),
    replacing: new Set(),
    underWay: new UnderWay(floor, clock),
  };
}

/** Of an issuer that was taken out nobody knows; nothing of it is served. */
function isServed(issuers: readonly Issuer[], number: number, signer: number): boolean {
  const issuer = issuers.find((one) => one.number === number);
  return issuer?.servedSigners.has(signer) ?? true;
}
