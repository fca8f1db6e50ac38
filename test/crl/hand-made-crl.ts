import { type KeyObject, sign } from "node:crypto";
import { OIDS } from "../../src/der/oids.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { bitString, element, integer, oid, sequence } from "../../src/der/writer.ts";

/** The parts of a CRL as they stand, right or wrong; what is left out is as it should be. */
export interface CRLParts {
  readonly issuer: Uint8Array;
  readonly key: KeyObject;
  /** AlgorithmIdentifier: ecdsa-with-SHA256 where nothing is said. */
  readonly algorithm?: Uint8Array;
  readonly hash?: string;
  readonly version?: Uint8Array;
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array;
  /** Content of revokedCertificates, nothing for none. */
  readonly entries?: readonly Uint8Array[];
  /** Content of crlExtensions, nothing for none. */
  readonly extensions?: readonly Uint8Array[];
}

const NOW = Date.now();
const HOUR = 3_600_000;

/** The digits of a moment, hours from now: UTCTime without the century. */
function digits(hours: number): string {
  return new Date(NOW + hours * HOUR).toISOString().replace(/[-:T]|\.\d+/g, "");
}

export function utcTime(hours: number): Buffer {
  return element(Tag.utcTime, Buffer.from(digits(hours).slice(2)));
}

export function generalizedTime(hours: number): Buffer {
  return element(Tag.generalizedTime, Buffer.from(digits(hours)));
}

/** An Extension; `critical` as it is to be written, nothing to leave it out. */
export function extension(dotted: string, value: Uint8Array, critical?: boolean): Buffer {
  const flag = critical === undefined ? [] : [element(Tag.boolean, Buffer.of(critical ? 0xff : 0))];
  return sequence(oid(dotted), ...flag, element(Tag.octetString, value));
}

/** Serial number, in hexadecimal as its DER has it, revocationDate, and extensions in their SEQUENCE. */
export function entry(serial: string, revokedAt: Uint8Array, extensions?: Uint8Array): Buffer {
  const number = element(Tag.integer, Buffer.from(serial, "hex"));
  return sequence(number, revokedAt, ...(extensions ? [extensions] : []));
}

/** A CRL that no encoder of ours would make, and its signature. */
export function handMadeCRL(parts: CRLParts): Buffer {
  const {
    algorithm = sequence(OIDS.ecdsaWithSHA256),
    hash = "sha256",
    entries,
    extensions,
  } = parts;
  const tbs = sequence(
    parts.version ?? integer(1),
    algorithm,
    parts.issuer,
    parts.thisUpdate ?? utcTime(-1),
    parts.nextUpdate ?? utcTime(24),
    ...(entries ? [sequence(...entries)] : []),
    ...(extensions ? [element(contextTag(0), sequence(...extensions))] : []),
  );
  return sequence(tbs, algorithm, bitString(sign(hash, tbs, parts.key)));
}
