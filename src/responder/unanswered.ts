import type { ServerResponse } from "node:http";

/** A connection's part of them. */
export interface Asking {
  unanswered: number;
}

/**
 * Requests that have no answer yet, of all connections of `node:http`: it reads on whatever waits, some 2 KB for
 * each request, and a client may send a thousand in one packet behind a file that it does not take.
 */
export class Unanswered {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is no room for one more. */
  get areTooMany(): boolean {
    return this.#count >= this.#most;
  }

  /** Counts one until its answer is out. */
  add(connection: Asking, response: ServerResponse): void {
    this.#take(connection, 1);
    response.once("close", () => {
      // None is left where the connection has ended before.
      if (connection.unanswered > 0) this.#take(connection, -1);
    });
  }

  /** What is left of a connection that has ended will not be answered. */
  drop(connection: Asking): void {
    this.#take(connection, -connection.unanswered);
  }

  #take(connection: Asking, more: number): void {
    connection.unanswered += more;
    this.#count += more;
  }
}

/** The connection that has the most of them, with what it is kept by. */
export function greediest<Key, Connection extends Asking>(
  connections: Iterable<readonly [Key, Connection]>,
): readonly [Key, Connection] | undefined {
  let most: readonly [Key, Connection] | undefined;
  for (const one of connections) {
    if (!most || one[1].unanswered > most[1].unanswered) most = one;
  }
  return most;
}
