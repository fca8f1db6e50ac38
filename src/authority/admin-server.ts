import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { errorText, type Logger } from "../observe/logger.ts";
import { StartError } from "../observe/start-error.ts";
import type { ErrorCode, ErrorDocument } from "./admin-types.ts";
import { Refused } from "./refused.ts";
import { listenOnSocket } from "./unix-socket.ts";

/** One thing that can be asked: its method, its path as a pattern, and what answers. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly pattern: URLPattern;
  /** What a POST brings: JSON, or octets that are read as they come. */
  readonly takes: "json" | "octets";
  readonly answer: (asked: Asked) => unknown;
}

/** A request as routes see it. */
export interface Asked {
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** A JSON value, or an `AsyncIterable` of octets. */
  readonly body: unknown;
}

/** A batch of a thousand rows takes about 250 kB. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** How often a client hears that its request is worked on; after `LONGEST_SILENCE_MS` it no longer believes so. */
const SIGN_OF_LIFE_MS = 5_000;

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  unknownIssuer: 404,
  unknownCertificate: 404,
  usage: 400,
  configuration: 400,
  badTime: 400,
  internal: 500,
};
const REFUSED = 409;

/** Listens on the admin socket, for its group alone; what an earlier process left there is cleared away. */
export async function startAdminServer(
  path: string,
  routes: readonly Route[],
  log: Logger,
): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response, routes, log);
  });
  await listenOnSocket(server, path, "vouch-admin");
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly Route[],
  log: Logger,
): Promise<void> {
  const signs = setInterval(() => response.writeProcessing(), SIGN_OF_LIFE_MS);
  try {
    const document = await route(request, routes);
    send(response, 200, document);
  } catch (error) {
    const { code, message, remedy } = failure(error, log);
    const document: ErrorDocument = { error: { code, message, do: remedy } };
    send(response, STATUS[code] ?? REFUSED, document);
  } finally {
    clearInterval(signs);
  }
}

async function route(request: IncomingMessage, routes: readonly Route[]): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://authority");
  for (const { method, pattern, takes, answer: answerRoute } of routes) {
    const match = method === request.method ? pattern.exec(url) : null;
    if (!match) continue;
    const groups = Object.fromEntries(
      Object.entries(match.pathname.groups).map(([k, v]) => [k, v && decodeURIComponent(v)]),
    );
    const isJson = method === "POST" && takes === "json";
    const body = isJson ? await readBody(request) : request;
    return answerRoute({ groups, query: url.searchParams, body });
  }
  throw new Refused(
    "usage",
    `the authority knows no ${request.method} ${url.pathname}`,
    "use the vouch command of the same version",
  );
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Refused("usage", "the request is too large", "ask for less");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refused("usage", "the request is not JSON", "use the vouch command");
  }
}

function failure(
  error: unknown,
  log: Logger,
): { code: ErrorCode; message: string; remedy: string } {
  if (error instanceof Refused || error instanceof StartError) {
    return { code: error.code, message: error.message, remedy: error.do };
  }
  log.error({ reason: errorText(error) }, "an admin request failed");
  const { code } = error as NodeJS.ErrnoException;
  const remedy =
    code === "ENOSPC" || code === "EDQUOT"
      ? "make room on the disk that data lies on, and try again; what was published before stays"
      : "see the authority's log";
  return { code: "internal", message: errorText(error), remedy };
}

function send(response: ServerResponse, status: number, document: unknown): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  response.end(body);
}
