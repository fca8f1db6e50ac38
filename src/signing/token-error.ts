/** A token cannot be reached, or does not do as it should; it may come back. The message is for operators. */
export class TokenAway extends Error {
  override name = "TokenAway";
}

/** The token is there, and what is asked of it cannot be so: only a person can put that right. */
export class TokenFault extends Error {
  override name = "TokenFault";
}
