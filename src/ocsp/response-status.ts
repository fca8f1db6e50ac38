import type { ErrorStatus } from "./error-response.ts";

/** OCSPResponseStatus (RFC 6960 4.2.1). */
export type ResponseStatus = "successful" | ErrorStatus;

const NAMES: ReadonlyMap<number, ResponseStatus> = new Map([
  [0, "successful"],
  [1, "malformedRequest"],
  [2, "internalError"],
  [3, "tryLater"],
  [5, "sigRequired"],
  [6, "unauthorized"],
]);

/** The name of a status, or nothing where RFC 6960 has none for it. */
export function responseStatusName(status: number): ResponseStatus | undefined {
  return NAMES.get(status);
}
