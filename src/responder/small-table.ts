/**
 * What a Map is, for some hundred entries that come and go. Each table that a Map leaves for another, as it does
 * again and again where entries come and go, leads to the next one; so everything that was ever in a Map which
 * has grown old lives until V8 collects its old generation, and that takes 25 ms (`npm run flood`).
 */
export class SmallTable<Key extends string | number, Value> {
  readonly #keys: Key[] = [];
  readonly #values: Value[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get(key: Key): Value | undefined {
    return this.#values[this.#keys.indexOf(key)];
  }

  /** Adds an entry whose key is not there. */
  add(key: Key, value: Value): void {
    this.#keys.push(key);
    this.#values.push(value);
  }

  delete(key: Key): void {
    const at = this.#keys.indexOf(key);
    if (at < 0) return;
    const [lastKey, lastValue] = [this.#keys.pop() as Key, this.#values.pop() as Value];
    if (at === this.#keys.length) return;
    this.#keys[at] = lastKey;
    this.#values[at] = lastValue;
  }

  /** Takes all entries out; their values, in no order. */
  empty(): Value[] {
    this.#keys.length = 0;
    return this.#values.splice(0);
  }
}
