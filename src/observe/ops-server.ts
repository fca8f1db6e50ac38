import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { cannotListen } from "./bind.ts";
import { METRICS_CONTENT_TYPE } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";

/** What the operations listener shows. */
export interface OpsSources {
  metrics(): Promise<string>;
  readiness(): Promise<Readiness>;
}

/** How long a connection may take: for a request, for its next one, and while nothing goes through it. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 15_000 };
const CHECK_LIMITS_MS = 2_000;
const STALL_MS = 15_000;

/**
 * Starts the operations listener: `/metrics`, `/healthz`, `/readyz`. It is meant for loopback and has no
 * authentication. Rejects with a `StartError` when the address cannot be had.
 */
export async function startOps(
  address: { host: string; port: number },
  sources: OpsSources,
): Promise<Server> {
  const limits = { ...LIMITS, connectionsCheckingInterval: CHECK_LIMITS_MS };
  const server = createServer(limits, (request, response) => {
    answer(request, response, sources).catch(() => response.writeHead(500).end());
  });
  server.setTimeout(STALL_MS);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen("ops", address, error)));
    server.listen(address.port, address.host, resolve);
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sources: OpsSources,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  switch (request.url?.split("?")[0]) {
    case "/metrics": {
      const text = await sources.metrics();
      response.writeHead(200, { "content-type": METRICS_CONTENT_TYPE }).end(text);
      return;
    }
    case "/healthz":
      response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
      return;
    case "/readyz": {
      const readiness = await sources.readiness();
      response.writeHead(readiness.ready ? 200 : 503, { "content-type": "application/json" });
      response.end(`${JSON.stringify(readiness)}\n`);
      return;
    }
    default:
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("not found; there are /metrics, /healthz and /readyz\n");
  }
}
