/** OCSPResponseStatus other than successful (RFC 6960 4.2.1). */
export type ErrorStatus =
  | "malformedRequest"
  | "internalError"
  | "tryLater"
  | "sigRequired"
  | "unauthorized";

function errorResponse(status: number): Buffer {
  return Buffer.of(0x30, 0x03, 0x0a, 0x01, status);
}

/** The five octets of each error: unsigned, without responseBytes (RFC 6960 2.3). */
export const ERROR_RESPONSES: Readonly<Record<ErrorStatus, Buffer>> = {
  malformedRequest: errorResponse(1),
  internalError: errorResponse(2),
  tryLater: errorResponse(3),
  sigRequired: errorResponse(5),
  unauthorized: errorResponse(6),
};
