import fc from "fast-check";
import { END_OF_TIME } from "../../src/der/time.ts";
import { integer } from "../../src/der/writer.ts";
import { type CertRecord, PRESIGNED_HASHES } from "../../src/ocsp/record.ts";
import { CRLReason } from "../../src/x509/reason.ts";
import { type SerialNumber, serialNumberFromDer } from "../../src/x509/serial-number.ts";

/** Serial numbers of 1 to 21 content octets, with the high bit set or not. */
export const serialNumbers: fc.Arbitrary<SerialNumber> = fc
  .nat(160)
  .chain((bits) => fc.bigInt({ min: 2n ** BigInt(bits) / 2n, max: 2n ** BigInt(bits) }))
  .map((number) => serialNumberFromDer(integer(number === 0n ? 1n : number).subarray(2)));

const WIDEST = 2 ** 31 - 1;
const times = fc.integer({ min: 1, max: END_OF_TIME - 2 * WIDEST });
const statuses = fc.oneof(
  fc.constant({ status: "good", reason: 0, revocationDate: 0, invalidityDate: undefined } as const),
  fc.record({
    status: fc.constantFrom("revoked", "hold"),
    reason: fc.constantFrom(...Object.values(CRLReason)),
    revocationDate: times,
    invalidityDate: fc.option(times, { nil: undefined }),
  }),
);

/** Records of every status, with times that may stand in one. */
export const records: fc.Arbitrary<CertRecord> = fc
  .record({
    status: statuses,
    notAfter: fc.option(times, { nil: undefined }),
    version: fc.nat({ max: 2 ** 40 - 1 }),
    hashes: fc.subarray([...PRESIGNED_HASHES]),
    signer: fc.nat({ max: 0xffff }),
    thisUpdate: times,
    signingTakes: fc.nat({ max: WIDEST }),
    validity: fc.nat({ max: WIDEST }),
  })
  .map(({ status, signingTakes, validity, ...record }) => ({
    ...record,
    ...status,
    producedAt: record.thisUpdate + signingTakes,
    nextUpdate: record.thisUpdate + validity,
  }));
