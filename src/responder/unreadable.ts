import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { oddRequestLine } from "./head-octets.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { headText } from "./http-head.ts";
import { LINGER_SECONDS } from "./limits.ts";
import type { RefusedRequest } from "./refused-request.ts";

/** What node:http says of octets that it cannot read. */
export interface ParseFault extends NodeJS.ErrnoException {
  /** With the octets where reading ended. */
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

const LF = 0x0a;

/** The method and target of a request line that is right but for a method which node:http does not know. */
export function oddMethod({
  code,
  rawPacket,
  bytesParsed = 0,
}: ParseFault): ReturnType<typeof oddRequestLine> {
  if (code !== "HPE_INVALID_METHOD" || !rawPacket) return undefined;
  const start = bytesParsed === 0 ? 0 : rawPacket.lastIndexOf(LF, bytesParsed - 1) + 1;
  return oddRequestLine(rawPacket, start);
}

const FAULTS: Readonly<Record<string, RefusedRequest>> = {
  HPE_HEADER_OVERFLOW: "headTooLarge",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "chunkExtensionsTooLarge",
  ERR_HTTP_REQUEST_TIMEOUT: "late",
};

/** What node:http says of a request that it cannot read, in words of ours. */
export function refusalOfFault({ code = "" }: ParseFault): RefusedRequest {
  return FAULTS[code] ?? "unreadable";
}

/**
 * Ends a connection of node:http with an answer, but reads on for a while: a connection that is closed on
 * octets which nobody read is reset, and then the client may lose the answer (RFC 9112 9.6).
 */
export function endWith(socket: Socket, { status, headers, body }: HttpAnswer): void {
  if (!socket.writable) {
    socket.destroySoon();
    return;
  }
  // In place of the parser, which would stumble over each packet anew.
  socket.removeAllListeners("data").removeAllListeners("end");
  socket.on("data", () => undefined).once("end", () => socket.destroySoon());
  const timer = setTimeout(() => socket.destroy(), LINGER_SECONDS * 1000);
  socket.once("close", () => clearTimeout(timer));
  socket.end(`${headText(status, headers, "close")}${body}`);
}

/**
 * What a connection's newest response, and so all before it, waits for: its end, or its turn where its own
 * request is the one that cannot be read. Nothing where nothing is under way.
 */
export function whenDone(response: ServerResponse): "finish" | "socket" | undefined {
  if (response.writableFinished) return undefined;
  if (response.headersSent || response.req.complete) return "finish";
  return response.socket ? undefined : "socket";
}
