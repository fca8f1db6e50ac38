import { STATUS_CODES } from "node:http";

/** How long an idle connection is kept, in seconds; told to clients and kept by every lane. */
export const IDLE_SECONDS = 15;

/** How long what is left of a refused body is read and dropped. */
export const LINGER_MS = 2_000;

const KEEP_ALIVE = `Connection: keep-alive\r\nKeep-Alive: timeout=${IDLE_SECONDS}\r\n\r\n`;
const CLOSE = "Connection: close\r\n\r\n";

/** The head of an HTTP/1.1 response (RFC 9112 4), octet for octet as node:http writes it. */
export function headText(
  status: number,
  headers: readonly string[],
  connection: "keep-alive" | "close",
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return head + (connection === "close" ? CLOSE : KEEP_ALIVE);
}
