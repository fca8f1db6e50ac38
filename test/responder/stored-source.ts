import type { UnixSeconds } from "../../src/der/time.ts";
import type { Sources } from "../../src/responder/handler.ts";
import { LiveBudget } from "../../src/responder/live-budget.ts";
import { LiveSource } from "../../src/responder/live-source.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import type { Served } from "../../src/responder/served.ts";
import { Turns } from "../../src/responder/turns.ts";
import type { StoreReader } from "../../src/store/store.ts";

/** Answers from the store alone: no authority signs anything live. */
export function storedSources(
  store: StoreReader,
  served: Served,
  clock: () => UnixSeconds,
): Sources {
  const presigned = new OcspSource(store, served);
  const asking = { client: undefined, budget: new LiveBudget(), turns: new Turns() };
  return { presigned, live: new LiveSource({ store, served, presigned, clock, ...asking }) };
}
