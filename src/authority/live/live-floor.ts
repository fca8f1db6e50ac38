import type { UnixSeconds } from "../../der/time.ts";
import { readSetting, writeSetting } from "../../store/settings.ts";
import type { Store } from "../../store/store.ts";

const NAME = "liveThisUpdate";

type Latest = Record<string, UnixSeconds>;

/**
 * The latest thisUpdate that a live answer of each issuer has had, but for what its record itself bound. Live
 * answers leave no trace in records, so this is what keeps times from going backwards for a CertID, whatever the
 * clock does: no answer that is signed later, live or ahead, has an earlier thisUpdate. It is on disk before the
 * answer leaves, which is one small write a second while live answers are asked for.
 */
export class LiveFloor {
  readonly #store: Pick<Store, "get" | "transact">;
  readonly #latest: Latest;
  #durable: Latest;

  constructor(store: Pick<Store, "get" | "transact">) {
    this.#store = store;
    this.#durable = readSetting<Latest>(store, NAME) ?? {};
    this.#latest = { ...this.#durable };
  }

  /** The earliest thisUpdate that an answer of this issuer may have now, 0 where none was signed live. */
  of(issuer: number): UnixSeconds {
    return this.#latest[issuer] ?? 0;
  }

  /** Resolves when no later answer can have an earlier thisUpdate than this. */
  async raise(issuer: number, thisUpdate: UnixSeconds): Promise<void> {
    this.#latest[issuer] = Math.max(this.of(issuer), thisUpdate);
    if ((this.#durable[issuer] ?? 0) >= thisUpdate) return;
    const latest = { ...this.#latest };
    await this.#store.transact((transaction) => writeSetting(transaction, NAME, latest));
    this.#durable = latest;
  }
}
