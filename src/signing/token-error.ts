/** A token cannot be reached, or does not do as it should; it may come back. The message is for operators. */
export class TokenAway extends Error {
  override name = "TokenAway";
}

/** The token is there, and what is asked of it cannot be so: only a person can put that right. */
export class TokenFault extends Error {
  override name = "TokenFault";
}

/** What a token says when the key cannot sign so, however often it is asked (PKCS #11 5.1.6). */
const OF_THE_KEY = new Set([
  "CKR_KEY_TYPE_INCONSISTENT",
  "CKR_KEY_SIZE_RANGE",
  "CKR_KEY_FUNCTION_NOT_PERMITTED",
  "CKR_MECHANISM_INVALID",
  "CKR_DATA_LEN_RANGE",
]);

/** What a token says when a signature is longer than the certificate's key makes them. */
const TOO_LONG = "CKR_BUFFER_TOO_SMALL";

/** What became of a call that a token refused; pkcs11js gives the error's name as its message. */
export function tokenError(call: string, { message }: Error): TokenAway | TokenFault {
  const text = `${call} failed: ${message}`;
  if (message === TOO_LONG) {
    return new TokenFault(`the key is of another certificate: its signatures are longer (${text})`);
  }
  return OF_THE_KEY.has(message)
    ? new TokenFault(`the key is not for this: ${text}`)
    : new TokenAway(text);
}

/** Calls a token's library; what it refuses is a `TokenAway` or a `TokenFault`. */
export function called<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw tokenError(what, error as Error);
  }
}

/** The number of what a token answered with (CKR_…). */
export function codeOf(error: unknown): number | undefined {
  return (error as { code?: number }).code;
}
