import { changedSerialNumber } from "../store/journal.ts";
import { changeKey, issuerRange, sequenceOfChange } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";

const LOOK_ROWS = 1_000;
/** Asked for are the sequences of the CRLs that are published: a few of each issuer. */
const MOST_KEPT = 1_000;

/** How far the changes of an issuer have been looked through, and whether one of them was of a status. */
interface Looked {
  readonly upTo: number;
  readonly found: boolean;
}

/** Tells whether the status of any certificate has changed, and looks at each change once. */
export class StatusChanges {
  readonly #store: Pick<StoreReader, "rows" | "refresh">;
  readonly #looked = new Map<string, Looked>();

  constructor(store: Pick<StoreReader, "rows" | "refresh">) {
    this.#store = store;
  }

  /** Whether one has since this journal sequence, as far as one look of bounded length sees. */
  areSince(issuer: number, since: number): boolean {
    const name = `${issuer} ${since}`;
    const last = this.#looked.get(name);
    if (last?.found) return true;
    const looked = this.#look(issuer, last?.upTo ?? since);
    this.#looked.set(name, looked);
    const [oldest] = this.#looked.keys();
    if (this.#looked.size > MOST_KEPT && oldest !== undefined) this.#looked.delete(oldest);
    return looked.found;
  }

  #look(issuer: number, upTo: number): Looked {
    this.#store.refresh();
    const { end } = issuerRange(issuer);
    const range = { start: changeKey(issuer, upTo + 1), end, limit: LOOK_ROWS };
    const rows = this.#store.rows("changes", range);
    const last = rows.at(-1);
    return {
      upTo: last ? sequenceOfChange(last.key) : upTo,
      found: rows.some(({ value }) => changedSerialNumber(value) !== undefined),
    };
  }
}
