import type { Client, Handler } from "./handler.ts";
import type { HttpAnswer } from "./http-answer.ts";
import type { PlainRequest } from "./plain-request.ts";

/** The answer to a request that was just read from these octets, or nothing where another lane must give it. */
export function plainAnswer(
  handler: Handler,
  request: PlainRequest,
  octets: Buffer,
  clientOf: (octets: Buffer) => Client,
): HttpAnswer | Promise<HttpAnswer> | undefined {
  const route = handler.route(request.method, request.target(octets));
  if (route.kind === "file") return handler.fileAtHand(route.route, request);
  const client = clientOf(octets);
  if (route.kind !== "ocspPost") return handler.answer(route, request, client);
  return handler.ocspPost(octets.subarray(request.bodyAt, request.end), client);
}
