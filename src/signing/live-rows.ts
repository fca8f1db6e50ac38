import { KNOWLEDGE, type LiveContent, type LiveSingle } from "../ocsp/live-answer.ts";
import { decodeRecord, encodeRecordHead, recordHeadSize } from "../ocsp/record.ts";
import { type CertID, readRequest } from "../ocsp/request.ts";
import { encodeRequest } from "../ocsp/request-encoder.ts";
import type { Pair } from "./packing.ts";

/*
 * A live answer that is to be signed, as octets for a signing thread. The key is the OCSPRequest, whose CertIDs
 * and nonce are to be answered; the value says for each CertID what is known (1 octet) and its record's head.
 */

/** Packs what a live answer is to say. */
export function liveRow({ singles, nonce }: LiveContent): Pair {
  const certIDs = singles.map(({ certID }) => certID);
  const value = Buffer.concat(
    singles.flatMap(({ knowledge, record }) => [
      Buffer.of(KNOWLEDGE.indexOf(knowledge)),
      encodeRecordHead(record),
    ]),
  );
  return { key: encodeRequest(certIDs, nonce), value };
}

/** Unpacks it. Throws where it is none: whoever packed it was this program. */
export function liveContent({ key, value }: { key: Buffer; value: Buffer }): LiveContent {
  const request = readRequest(key);
  if (request instanceof Error) throw request;
  const heads = new Heads(value);
  const [first, ...others] = request.certIDs;
  return {
    singles: [heads.next(first), ...others.map((certID) => heads.next(certID))],
    nonce: request.nonce?.extnValue,
  };
}

class Heads {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  next(certID: CertID): LiveSingle {
    const knowledge = KNOWLEDGE[this.#octets[this.#at] as number];
    const head = this.#octets.subarray(this.#at + 1);
    if (!knowledge) throw new Error("a live row is damaged");
    this.#at += 1 + recordHeadSize(head);
    return { certID, knowledge, record: decodeRecord(head) };
  }
}
