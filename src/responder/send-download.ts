import type { IncomingMessage, ServerResponse } from "node:http";
import type { Download } from "./download.ts";
import { STALL_SECONDS } from "./limits.ts";

/** Sends a file over `node:http`, or only its head where that is asked for. */
export function sendDownload(
  download: Download,
  { method, socket }: IncomingMessage,
  response: ServerResponse,
): void {
  if (method === "HEAD" || response.destroyed) {
    download.cancel();
    response.end();
    return;
  }
  // The download itself sees to it that a client which takes nothing is let go.
  socket.setTimeout(0);
  download.sendTo(response);
  response.prependOnceListener("finish", () => socket.setTimeout(STALL_SECONDS * 1000));
}
