import type { Logger } from "../observe/logger.ts";
import type { Store } from "../store/store.ts";
import type { AnswerMaker } from "./answer-maker.ts";
import type { Census } from "./census.ts";
import type { Clock } from "./clock.ts";
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
