import { issuerOfKey } from "../store/keys.ts";

/** Records that want an answer soon, in a line for each issuer. */
export class Unanswered {
  /** Keys in hexadecimal, by the issuer's number. */
  readonly #lines = new Map<number, Set<string>>();

  add(key: Buffer): void {
    const issuer = issuerOfKey(key);
    const line = this.#lines.get(issuer) ?? new Set();
    this.#lines.set(issuer, line.add(key.toString("hex")));
  }

  delete(key: Buffer): void {
    this.#lines.get(issuerOfKey(key))?.delete(key.toString("hex"));
  }

  get size(): number {
    return [...this.#lines.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The keys of all issuers, in hexadecimal. */
  keys(): string[] {
    return [...this.#lines.values()].flatMap((line) => [...line]);
  }

  /** The first of an issuer's line, which go to its end: what cannot be signed keeps nobody else from their turn. */
  next(issuer: number, most: number): Buffer[] {
    const line = this.#lines.get(issuer);
    if (!line) return [];
    const first: string[] = [];
    for (const hex of line) {
      if (first.length === most) break;
      first.push(hex);
    }
    for (const hex of first) {
      line.delete(hex);
      line.add(hex);
    }
    return first.map((hex) => Buffer.from(hex, "hex"));
  }
}
