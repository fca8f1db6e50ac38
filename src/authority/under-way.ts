import type { UnixSeconds } from "../der/time.ts";
import type { Clock } from "./clock.ts";
import type { Issuer } from "./issuer.ts";
import type { LiveFloor } from "./live/live-floor.ts";

/**
 * Records that are being signed ahead. A live answer that stands in for one which is not there yet must not be of
 * a later thisUpdate than what is written then, or what clients see would go backwards.
 */
export class UnderWay {
  readonly #floor: Pick<LiveFloor, "of">;
  readonly #clock: Clock;
  /** By their keys in hexadecimal. */
  readonly #thisUpdates = new Map<string, UnixSeconds>();

  constructor(floor: Pick<LiveFloor, "of">, clock: Clock) {
    this.#floor = floor;
    this.#clock = clock;
  }

  /** Before the times of their answers are set. */
  begin({ number, config }: Issuer, keys: readonly Buffer[]): void {
    const backdated = this.#clock() - config.ocsp.backdateSeconds;
    const thisUpdate = Math.max(backdated, this.#floor.of(number));
    for (const key of keys) this.#thisUpdates.set(key.toString("hex"), thisUpdate);
  }

  /** When they are written, or will not be. */
  end(keys: readonly Buffer[]): void {
    for (const key of keys) this.#thisUpdates.delete(key.toString("hex"));
  }

  /** The latest thisUpdate that stands in for a record's answer: not before any earlier one, not after its own. */
  thisUpdate(key: Buffer): UnixSeconds | undefined {
    return this.#thisUpdates.size === 0 ? undefined : this.#thisUpdates.get(key.toString("hex"));
  }
}
