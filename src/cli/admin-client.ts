import type { Readable } from "node:stream";
import type { Dispatcher, Pool } from "undici";
import type { ErrorDocument } from "../authority/admin-types.ts";
import type { Config } from "../config/config.ts";
import { Failure } from "./failure.ts";
import { unreachable } from "./unreachable.ts";

/** Requests that are under way at once: an import keeps the authority busy with three batches. */
export const LARGEST_IN_FLIGHT = 3;

/** An answer may take minutes, as for a CRL of millions of entries: meanwhile the authority shows that it lives. */
const LONGEST_SILENCE_MS = 30_000;

/** Speaks with the authority on its admin socket. Every failure is a `Failure`. */
export class AdminClient {
  readonly #pool: Pool;
  readonly #config: Pick<Config, "admin" | "file">;

  constructor(pool: Pool, config: Pick<Config, "admin" | "file">) {
    this.#pool = pool;
    this.#config = config;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask({ method: "GET", path });
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    const headers = { "content-type": "application/json" };
    return this.#ask({ method: "POST", path, headers, body: JSON.stringify(body) });
  }

  /** Sends octets as they come. */
  send<Answer>(path: string, octets: Readable): Promise<Answer> {
    const headers = { "content-type": "application/octet-stream" };
    return this.#ask({ method: "POST", path, headers, body: octets });
  }

  async #ask<Answer>(request: Dispatcher.RequestOptions): Promise<Answer> {
    const { status, text } = await this.#exchange(request);
    const answer = parseJson(text);
    if (status === 200 && answer !== undefined) return answer as Answer;
    if (isErrorDocument(answer)) {
      const { code, message, do: remedy } = answer.error;
      throw new Failure(code, message, remedy);
    }
    throw new Failure(
      "internal",
      `what listens on ${this.#config.admin} answered ${status} to ${request.method} ${request.path}, not as an authority of this version does`,
      "restart the authority, so that it and this command are of the same version",
    );
  }

  async #exchange(request: Dispatcher.RequestOptions): Promise<{ status: number; text: string }> {
    try {
      const response = await this.#pool.request(request);
      return { status: response.statusCode, text: await response.body.text() };
    } catch (error) {
      throw unreachable(error as NodeJS.ErrnoException, this.#config);
    }
  }
}

/** Lends a client for as long as `use` takes; it gives up on an authority that is silent for `silenceMs`. */
export async function withAuthority<Result>(
  config: Pick<Config, "admin" | "file">,
  use: (authority: AdminClient) => Promise<Result>,
  silenceMs: number = LONGEST_SILENCE_MS,
): Promise<Result> {
  // Not at the top: what runs as a daemon has no use for it.
  const { Pool } = await import("undici");
  const pool = new Pool("http://authority", {
    socketPath: config.admin,
    connections: LARGEST_IN_FLIGHT,
    // Each 102 (Processing) begins it anew.
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  try {
    return await use(new AdminClient(pool, config));
  } finally {
    await pool.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isErrorDocument(answer: unknown): answer is ErrorDocument {
  const error = (answer as Partial<ErrorDocument> | undefined | null)?.error;
  return typeof error?.code === "string" && typeof error.message === "string";
}
