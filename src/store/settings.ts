import { createHash } from "node:crypto";
import { StartError } from "../observe/start-error.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** The layout of the store; a store of another one is refused. */
export const SCHEMA_VERSION = 2;

type Getter = Pick<StoreReader, "get"> | Transaction;

/** A setting's JSON value, or nothing. */
export function readSetting<T>(store: Getter, name: string): T | undefined {
  const octets = store.get("settings", Buffer.from(name));
  return octets && (JSON.parse(octets.toString("utf8")) as T);
}

/** Writes a setting as part of a change. */
export function writeSetting(transaction: Transaction, name: string, value: unknown): void {
  transaction.put("settings", Buffer.from(name), Buffer.from(JSON.stringify(value)));
}

/** Changes a counter, 0 where it was never set, as part of a change; returns its new value. */
export function adjustSetting(
  transaction: Transaction,
  name: string,
  next: (last: number) => number,
): number {
  const value = next(readSetting<number>(transaction, name) ?? 0);
  writeSetting(transaction, name, value);
  return value;
}

/** Refuses a store whose layout this version does not know. */
export function requireSchema(store: StoreReader): void {
  const found = readSetting<number>(store, "schema");
  if (found === SCHEMA_VERSION) return;
  throw new StartError(
    "storeMissing",
    `the store has schema ${found ?? "none"}, and this version of Vouch knows schema ${SCHEMA_VERSION}`,
    found !== undefined && found > SCHEMA_VERSION
      ? "run the newer version of Vouch that made it"
      : "run the version that made it, or make a new store (vouch init) and import certificates and CRLs into it",
  );
}

/**
 * The number of an issuer, the same for ever whatever the order in the configuration: kept by the hash of
 * its subject Name and key.
 */
export function issuerNumber(
  transaction: Transaction,
  subject: Uint8Array,
  subjectPublicKey: Uint8Array,
): number {
  const hash = createHash("sha256").update(subject).update(subjectPublicKey).digest("hex");
  return numberFor(transaction, "issuerNumbers", hash);
}

/** The number of a signer's certificate, as records keep it. */
export function signerNumber(transaction: Transaction, certificate: Uint8Array): number {
  return numberFor(
    transaction,
    "signerNumbers",
    createHash("sha256").update(certificate).digest("hex"),
  );
}

function numberFor(transaction: Transaction, name: string, hash: string): number {
  const numbers = readSetting<Record<string, number>>(transaction, name) ?? {};
  const known = numbers[hash];
  if (known !== undefined) return known;
  const number = Object.keys(numbers).length + 1;
  writeSetting(transaction, name, { ...numbers, [hash]: number });
  return number;
}
