import type { Dispatcher } from "undici";
import { type Finding, wrong } from "./finding.ts";
import { tlsFailure } from "./tls-failures.ts";

/** How to reach a responder. */
export interface Asking {
  readonly url: string;
  /** `auto` is GET where the whole URL has at most 255 octets, else POST (RFC 9919 6). */
  readonly method: "auto" | "get" | "post";
  /** For all of it. */
  readonly timeoutMs: number;
}

/** What came back from a responder. */
export interface Exchange {
  readonly method: "GET" | "POST";
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  readonly milliseconds: number;
}

/** An exchange, or why there was none. */
export type Attempt = Exchange | { readonly method: "GET" | "POST"; readonly failed: Finding };

/** Longer than any answer with ML-DSA signatures and a chain of certificates. */
const LARGEST_ANSWER = 256 * 1024;
const LONGEST_GET_URL = 255;
/** What tells of a connection or head that does not come is as late as this at times. */
const GRACE_MS = 1_000;

/** Lends a way to ask for as long as `use` takes. */
export async function withAsker<Result>(
  { timeoutMs }: Pick<Asking, "timeoutMs">,
  use: (dispatcher: Dispatcher) => Promise<Result>,
): Promise<Result> {
  // Not at the top: what runs as a daemon has no use for it.
  const { Agent } = await import("undici");
  const agent = new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: LARGEST_ANSWER,
  });
  try {
    return await use(agent);
  } finally {
    await agent.destroy();
  }
}

/** Sends a request once, as RFC 6960 A.1 has it, and reads the answer within bounds of time and size. */
export async function exchange(
  dispatcher: Dispatcher,
  der: Uint8Array,
  asking: Asking,
): Promise<Attempt> {
  const { url, method } = requestLine(der, asking);
  const { request } = await import("undici");
  const began = performance.now();
  try {
    const response = await request(url, { dispatcher, ...messageOf(method, der, asking) });
    const body = Buffer.from(await response.body.arrayBuffer());
    const headers = new Map(Object.entries(response.headers).map(([k, v]) => [k, String(v)]));
    const milliseconds = performance.now() - began;
    return { method, status: response.statusCode, headers, body, milliseconds };
  } catch (error) {
    return { method, failed: failureOf(error as NodeJS.ErrnoException, asking) };
  }
}

function messageOf(method: "GET" | "POST", der: Uint8Array, { timeoutMs }: Asking) {
  const signal = AbortSignal.timeout(timeoutMs + GRACE_MS);
  const accept = { accept: "application/ocsp-response" };
  if (method === "GET") return { method, headers: accept, signal };
  const headers = { ...accept, "content-type": "application/ocsp-request" };
  return { method, headers, body: der, signal };
}

function requestLine(der: Uint8Array, asking: Asking): { url: string; method: "GET" | "POST" } {
  const path = encodeURIComponent(Buffer.from(der).toString("base64"));
  const getUrl = `${asking.url.replace(/\/+$/, "")}/${path}`;
  const byGet =
    asking.method === "get" || (asking.method === "auto" && getUrl.length <= LONGEST_GET_URL);
  return byGet ? { url: getUrl, method: "GET" } : { url: asking.url, method: "POST" };
}

function failureOf(error: NodeJS.ErrnoException, { url, timeoutMs }: Asking): Finding {
  const { host } = new URL(url);
  const seconds = timeoutMs / 1000;
  // A DOMException's code is a number.
  const code = typeof error.code === "string" ? error.code : error.name;
  const explain = EXPLANATIONS[code.startsWith("HPE_") ? "HTTPParserError" : code];
  if (explain) return explain(host, seconds);
  const untold = `no HTTP answer from ${host}: ${error.message}`;
  return tlsFailure(error, host) ?? wrong(untold, "see that the URL is a responder's");
}

type Explain = (host: string, seconds: number) => Finding;

const slow: Explain = (host, seconds) =>
  wrong(
    `${host} took the connection and did not answer within ${seconds} s`,
    "see what holds the responder up; clients give up sooner",
  );

const cut: Explain = (host) =>
  wrong(`${host} cut the connection before it answered`, "see the responder's or its proxy's log");

const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  ECONNREFUSED: (host) =>
    wrong(`nobody listens at ${host}`, "start the responder, or see that host and port are right"),
  ENOTFOUND: (host) =>
    wrong(`there is no host ${host} in the DNS`, "see that the name is right, and resolves here"),
  EAI_AGAIN: (host) =>
    wrong(`the DNS does not answer for ${host}`, "see to the name servers of this machine"),
  ECONNRESET: cut,
  UND_ERR_SOCKET: cut,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: (host) =>
    wrong(
      `${host} cut the connection amid its answer: less came than Content-Length says`,
      "see the responder's or its proxy's log",
    ),
  UND_ERR_HEADERS_OVERFLOW: (host) =>
    wrong(
      `${host} sent a head of HTTP larger than clients take`,
      "see that the URL is a responder's",
    ),
  HTTPParserError: (host) =>
    wrong(
      `${host} answers, but not in HTTP`,
      "see that the port is the responder's, and whether it wants https",
    ),
  UND_ERR_CONNECT_TIMEOUT: (host, seconds) =>
    wrong(
      `no connection to ${host} within ${seconds} s`,
      "see to firewalls between here and there, and that the responder runs",
    ),
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  TimeoutError: slow,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: (host) =>
    wrong(
      `${host} sent more than ${LARGEST_ANSWER / 1024} KiB: that is no OCSP answer`,
      "see that the URL is a responder's",
    ),
};
