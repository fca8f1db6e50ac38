import type { Logger } from "../observe/logger.ts";
import type { Signing } from "../signing/jobs.ts";
import type { Store } from "../store/store.ts";
import { AnswerMaker } from "./answer-maker.ts";
import { Census } from "./census.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Configured } from "./configured.ts";
import type { Issuer } from "./issuer.ts";

/** What the authority's rules work with; the composition root puts it together. */
export interface Desk {
  readonly store: Store;
  readonly maker: AnswerMaker;
  readonly census: Census;
  readonly clock: Clock;
  readonly log: Logger;
  /** The issuers as they are configured now; a reload changes what it returns. */
  readonly issuers: () => readonly Issuer[];
  /** Records that want an answer soon, by key in hexadecimal. */
  readonly unanswered: Set<string>;
}

/** A desk by the machine's clock. */
export function makeDesk(
  store: Store,
  signing: Signing,
  configured: Configured,
  log: Logger,
): Desk {
  return {
    store,
    maker: new AnswerMaker(signing, systemClock, log),
    census: new Census(),
    clock: systemClock,
    log,
    issuers: () => configured.issuers,
    unanswered: new Set(),
  };
}
