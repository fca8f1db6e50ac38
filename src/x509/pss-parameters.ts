import { OIDS, sameOctets } from "../der/oids.ts";
import { contextTag, DerError, DerReader, Tag } from "../der/reader.ts";

/** RSASSA-PSS-params that node:crypto can verify by: MGF1 over the same digest as the message. */
export interface PssParameters {
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly saltLength: number;
}

const HASHES = ["sha256", "sha384", "sha512"] as const;
const DEFAULT_SALT = 20;

/**
 * The parameters of an id-RSASSA-PSS AlgorithmIdentifier (RFC 4055 3.1); nothing where they are absent or
 * malformed, name SHA-1 (the default) or another digest, or mix two.
 */
export function readPssParameters(algorithmIdentifier: Uint8Array): PssParameters | undefined {
  try {
    return read(new DerReader(algorithmIdentifier, "RSASSA-PSS-params"));
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function read(reader: DerReader): PssParameters | undefined {
  const outer = reader.open(Tag.sequence);
  reader.element(Tag.oid);
  const parameters = reader.open(Tag.sequence);
  const hash = tagged(reader, 0, () => readDigest(reader));
  const maskHash = tagged(reader, 1, () => readMaskDigest(reader));
  const saltLength = tagged(reader, 2, () => reader.smallInteger()) ?? DEFAULT_SALT;
  const trailer = tagged(reader, 3, () => reader.smallInteger()) ?? 1;
  reader.close(parameters);
  reader.close(outer);
  return hash && maskHash === hash && trailer === 1 ? { hash, saltLength } : undefined;
}

/** What `[number] EXPLICIT` holds, or nothing where it is absent. */
function tagged<T>(reader: DerReader, number: number, inside: () => T): T | undefined {
  if (reader.peek() !== contextTag(number)) return undefined;
  const outer = reader.open(contextTag(number));
  const value = inside();
  reader.close(outer);
  return value;
}

function readMaskDigest(reader: DerReader): PssParameters["hash"] | undefined {
  const outer = reader.open(Tag.sequence);
  if (!sameOctets(reader.element(Tag.oid), OIDS.mgf1)) reader.fail("another mask than MGF1");
  const hash = readDigest(reader);
  reader.close(outer);
  return hash;
}

/** Parameters of the digest are NULL or absent (RFC 4055 2.1). */
function readDigest(reader: DerReader): PssParameters["hash"] | undefined {
  const outer = reader.open(Tag.sequence);
  const oid = reader.element(Tag.oid);
  if (!reader.atEnd) reader.element(Tag.null);
  reader.close(outer);
  return HASHES.find((hash) => sameOctets(OIDS[hash], oid));
}
