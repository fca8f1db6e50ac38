import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { TokenProcess } from "./token-process.ts";
import { tokenName } from "./token-slot.ts";

/** The processes of tokens, each started when its first job comes. */
export class TokenProcesses {
  readonly #threads: number;
  readonly #tokens = new Map<string, TokenProcess>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** The process for a key; nothing where it is in no token, or its URI cannot be read. */
  of(key: string): TokenProcess | undefined {
    const uri = isKeyURI(key) ? parseKeyURI(key) : undefined;
    if (!uri || "problem" in uri) return undefined;
    const name = tokenName(uri);
    const token = this.#tokens.get(name) ?? new TokenProcess(uri.modulePath, this.#threads);
    this.#tokens.set(name, token);
    return token;
  }

  /** Ends them all; jobs that are under way are given up. */
  async close(): Promise<void> {
    await Promise.all([...this.#tokens.values()].map((token) => token.close()));
  }
}
