import { createECDH, createHash, createHmac, type KeyObject } from "node:crypto";

/*
 * Golden vectors must come out the same each time, and Node's ECDSA is randomised. So here is ECDSA with
 * the nonce of RFC 6979, for throw-away keys only: big numbers take more time for more digits.
 */

/** The order of P-256 (SEC 2, 2.4.2). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The signature over SHA-256 of the octets by a P-256 key, r and s of 32 octets each. */
export function signDeterministically(octets: Uint8Array, privateKey: KeyObject): Buffer {
  const scalar = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  const digest = numberOf(createHash("sha256").update(octets).digest()) % N;
  for (const k of nonces(scalar, octetsOf(digest))) {
    const point = createECDH("prime256v1");
    point.setPrivateKey(octetsOf(k));
    const r = numberOf(point.getPublicKey().subarray(1, 33)) % N;
    const s = (inverse(k) * (digest + r * numberOf(scalar))) % N;
    if (r > 0n && s > 0n) return Buffer.concat([octetsOf(r), octetsOf(s)]);
  }
  throw new Error("unreachable: nonces never end");
}

/** RFC 6979 3.2. */
function* nonces(scalar: Buffer, digest: Buffer): Generator<bigint> {
  let key: Buffer = Buffer.alloc(32);
  let value: Buffer = Buffer.alloc(32, 1);
  const hmac = (...parts: Buffer[]): Buffer =>
    createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  for (const octet of [0, 1]) {
    key = hmac(value, Buffer.of(octet), scalar, digest);
    value = hmac(value);
  }
  for (;;) {
    value = hmac(value);
    const k = numberOf(value);
    if (k > 0n && k < N) yield k;
    key = hmac(value, Buffer.of(0));
    value = hmac(value);
  }
}

/** By Fermat: k to the power of N - 2. */
function inverse(k: bigint): bigint {
  let result = 1n;
  let power = k;
  for (let left = N - 2n; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * power) % N;
    power = (power * power) % N;
  }
  return result;
}

function numberOf(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).toString("hex")}`);
}

function octetsOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}
