import type { Client } from "./handler.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

const FORWARDED_FOR = /\r\nx-forwarded-for:([^\r]*)/gi;

/** Who is at the other end of a connection: the client of its requests, or a proxy that says who is. */
export class Peer implements Client {
  /** The client's address: the peer's own, or what a trusted proxy's PROXY header says. */
  readonly address: string;
  readonly #proxies: TrustedProxies | undefined;

  /** With `proxies`, it is one of them, and its X-Forwarded-For is believed. */
  constructor(address: string, proxies?: TrustedProxies) {
    this.address = address;
    this.#proxies = proxies;
  }

  get isProxy(): boolean {
    return this.#proxies !== undefined;
  }

  /** The client of a request with this X-Forwarded-For: all its fields, joined by commas. */
  clientOf(forwardedFor: string | undefined): Client {
    if (!this.#proxies || forwardedFor === undefined) return this;
    return { address: this.#proxies.clientOf(this.address, forwardedFor) };
  }

  /** The client of a request with this head of HTTP/1.x, whose fields are not folded. */
  clientOfHead(head: string): Client {
    const fields = [...head.matchAll(FORWARDED_FOR)].map(([, value]) => value);
    return this.clientOf(fields.length === 0 ? undefined : fields.join());
  }
}
