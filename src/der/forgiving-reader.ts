import { DerReader } from "./reader.ts";

/**
 * As strict as `DerReader`, but for what other CAs write against DER or RFC 5280 and nobody can take in two
 * ways: FALSE written out, GeneralizedTime for UTCTime, an empty list of revoked certificates.
 */
export class ForgivingReader extends DerReader {
  override refuse(): void {}
}
