import { STATUS_CODES } from "node:http";
import { IDLE_SECONDS } from "./limits.ts";

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
