import { clientNetwork } from "./client-address.ts";

/** How many connections each client has, so that none has them all. */
export class ConnectionCount {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more of the client at this address; nothing where it has as many as it may. */
  enter(address: string): (() => void) | undefined {
    const client = clientNetwork(address);
    const count = this.#counts.get(client) ?? 0;
    if (count >= this.#most) return undefined;
    this.#counts.set(client, count + 1);
    return () => this.#leave(client);
  }

  #leave(client: string): void {
    const count = this.#counts.get(client) ?? 0;
    if (count > 1) this.#counts.set(client, count - 1);
    else this.#counts.delete(client);
  }
}
