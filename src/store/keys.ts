import type { SerialNumber } from "../x509/serial-number.ts";

/*
 * Keys are binary and sort as their numbers do:
 *   records, revoked   issuer (2), serialNumber
 *   changes            issuer (2), sequence (6)
 *   journal            sequence (6)
 *   crls               issuer (2), length of scope (1), scope, CRLNumber (20)
 *   settings           its name
 */

const CRL_NUMBER_OCTETS = 20;

/** The key of a certificate in `records` and `revoked`. */
export function recordKey(issuer: number, serialNumber: SerialNumber): Buffer {
  const key = Buffer.allocUnsafe(2 + serialNumber.length);
  key.writeUInt16BE(issuer);
  key.set(serialNumber, 2);
  return key;
}

/** Keys of records that are looked up one at a time: a buffer for each length, used again and again. */
export class RecordKeys {
  readonly #keys: readonly Buffer[];
  readonly #serialNumbers: readonly SerialNumber[];

  /** For serial numbers of up to `longest` octets. */
  constructor(longest: number) {
    this.#keys = Array.from({ length: longest + 1 }, (_, length) => Buffer.alloc(2 + length));
    this.#serialNumbers = this.#keys.map(serialNumberOfKey);
  }

  /** The key for the serialNumber from `start` to `end` of `octets`; nothing where that is too long. */
  key(issuer: number, octets: Uint8Array, start: number, end: number): Buffer | undefined {
    const key = this.#keys[end - start];
    if (!key) return undefined;
    key[0] = issuer >> 8;
    key[1] = issuer & 0xff;
    for (let i = start; i < end; i++) key[2 + i - start] = octets[i] as number;
    return key;
  }

  /** The serialNumber in a key that `key` has returned. */
  serialNumber(key: Buffer): SerialNumber {
    return this.#serialNumbers[key.length - 2] as SerialNumber;
  }
}

/** The issuer's number in a key. */
export function issuerOfKey(key: Buffer): number {
  return key.readUInt16BE();
}

/** The serialNumber in a key of `records` or `revoked`. */
export function serialNumberOfKey(key: Buffer): SerialNumber {
  return key.subarray(2) as Uint8Array as SerialNumber;
}

/** The range of all keys of one issuer. */
export function issuerRange(issuer: number): { start: Buffer; end: Buffer } {
  return { start: twoOctets(issuer), end: afterIssuer(issuer) };
}

/** The first possible key after `key`. */
export function keyAfter(key: Uint8Array): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

/** Below the first, and above the last key of any issuer. */
export const ALL_ISSUERS: { readonly start: Buffer; readonly end: Buffer } = {
  start: twoOctets(0),
  end: Buffer.alloc(40, 0xff),
};

/** The key of a change in `changes`. */
export function changeKey(issuer: number, sequence: number): Buffer {
  return Buffer.concat([twoOctets(issuer), sequenceKey(sequence)]);
}

/** The sequence in a key of `changes`. */
export function sequenceOfChange(key: Buffer): number {
  return key.readUIntBE(2, 6);
}

/** The key of an event in `journal`. */
export function sequenceKey(sequence: number): Buffer {
  const key = Buffer.allocUnsafe(6);
  key.writeUIntBE(sequence, 0, 6);
  return key;
}

/** The key of a published CRL in `crls`. */
export function crlKey(issuer: number, scope: string, crlNumber: bigint): Buffer {
  const number = Buffer.from(crlNumber.toString(16).padStart(2 * CRL_NUMBER_OCTETS, "0"), "hex");
  return Buffer.concat([scopePrefix(issuer, scope), number]);
}

/** The range of all CRLs of one issuer and scope. */
export function scopeRange(issuer: number, scope: string): { start: Buffer; end: Buffer } {
  const prefix = scopePrefix(issuer, scope);
  return { start: prefix, end: Buffer.concat([prefix, Buffer.alloc(CRL_NUMBER_OCTETS + 1, 0xff)]) };
}

function scopePrefix(issuer: number, scope: string): Buffer {
  return Buffer.concat([twoOctets(issuer), Buffer.of(scope.length), Buffer.from(scope, "latin1")]);
}

function twoOctets(value: number): Buffer {
  const octets = Buffer.allocUnsafe(2);
  octets.writeUInt16BE(value);
  return octets;
}

function afterIssuer(issuer: number): Buffer {
  return issuer === 0xffff ? ALL_ISSUERS.end : twoOctets(issuer + 1);
}
