import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { ImportBatch, ImportReport } from "../../src/authority/admin-import-types.ts";
import type { ChangeReport, RevokeRequest } from "../../src/authority/admin-types.ts";
import { until } from "../support/until.ts";

/** A request as the stand-in got it. */
interface Asked {
  readonly line: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies whose shape is what they test
  readonly body: any;
}

/** What is answered to a request line such as `GET /stats`: a document, with a status unless 200. */
interface Answer {
  readonly status?: number;
  readonly document: unknown;
}

/** Answers of a test's own; `hang` never answers, `cut` closes the connection instead. */
type Answers = Record<string, Answer | "hang" | "cut" | ((asked: Asked) => Answer)>;

/**
 * Speaks the admin API over a real unix socket and keeps no state but which serial numbers it knows.
 * The command's own tests need it to fail on purpose; the whole is tested against the authority.
 */
export class StandInAuthority {
  readonly asked: Asked[] = [];
  readonly good: Set<string> = new Set();
  readonly revoked: Set<string> = new Set();
  answers: Answers = {};
  /** Import requests under way, and the most there were at a time. */
  underWay = 0;
  mostUnderWay = 0;
  /** Imports wait for one another until so many have been under way at a time, and then a little for more. */
  together = 1;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const asked = { line: `${request.method} ${request.url}`, body: await bodyOf(request) };
      this.asked.push(asked);
      const own = this.answers[asked.line];
      if (own === "hang") return;
      if (own === "cut") {
        request.socket.destroy();
        return;
      }
      const { status = 200, document } =
        typeof own === "function" ? own(asked) : (own ?? (await this.#answer(asked)));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof document === "string" ? document : JSON.stringify(document));
    });
  }

  static async listen(path: string): Promise<StandInAuthority> {
    const authority = new StandInAuthority();
    authority.#server.listen(path);
    await once(authority.#server, "listening");
    return authority;
  }

  /** Forgets what was asked, and the answers of the last test. */
  reset(): void {
    this.asked.length = 0;
    this.answers = {};
    this.good.clear();
    this.revoked.clear();
    this.mostUnderWay = 0;
    this.together = 1;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer({ line, body }: Asked): Promise<Answer> {
    if (line === "POST /revoke") return { document: this.#revoke(body) };
    if (line.startsWith("POST /import/")) return { document: await this.#import(body) };
    if (line === "POST /reload") return { document: { amiss: [] } };
    return { status: 404, document: failure("internal", `no answer for ${line}`) };
  }

  #revoke({ serialNumbers, dryRun }: RevokeRequest): ChangeReport {
    const known = (one: string): boolean => this.good.has(one) || this.revoked.has(one);
    const fresh = serialNumbers.filter((one) => this.good.has(one));
    const alreadyRevoked = serialNumbers.filter((one) => this.revoked.has(one)).length;
    if (!dryRun) {
      for (const one of fresh) {
        this.good.delete(one);
        this.revoked.add(one);
      }
    }
    return {
      changed: fresh.length,
      alreadyRevoked,
      refused: serialNumbers
        .filter((one) => !known(one))
        .map((serialNumber) => ({
          serialNumber,
          code: "unknownCertificate",
          message: "was never imported",
        })),
      unsigned: [],
      sequence: dryRun || fresh.length === 0 ? null : 1234,
    };
  }

  async #import({ rows, dryRun }: ImportBatch): Promise<ImportReport> {
    this.underWay++;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const isTogether = (): boolean => this.mostUnderWay >= this.together;
    await until(isTogether, { what: "the others", within: 20_000 }).catch(() => undefined);
    await sleep(20);
    this.underWay--;
    const bad = rows.filter((row) => row.status === "good" && this.revoked.has(row.serialNumber));
    const fine = rows.filter((row) => !bad.includes(row));
    const added = fine.filter((row) => !this.good.has(row.serialNumber));
    if (!dryRun) for (const row of added) this.good.add(row.serialNumber);
    return {
      read: rows.length,
      added: added.length,
      unchanged: fine.length - added.length,
      changed: 0,
      bad: bad.map(({ file, line }) => ({ file, line, message: "is revoked: never undone" })),
    };
  }
}

/** An error as the admin API has it. */
export function failure(code: string, message: string): unknown {
  return { error: { code, message, do: `what to do about ${code}` } };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  return request.method === "POST" ? json(request) : null;
}
