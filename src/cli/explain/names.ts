import { LenientReader } from "../../der/lenient-reader.ts";
import { contextTag, DerError, Tag } from "../../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../../x509/algorithm-identifier.ts";
import { printable } from "../../x509/printable.ts";
import { NAMES } from "./oid-names.ts";

const RSASSA_PSS = "1.2.840.113549.1.1.10";

/** An object identifier's name in the standards, or its dotted form. */
export function oidName(dotted: string): string {
  return NAMES.get(dotted) ?? dotted;
}

/** An algorithm for people: `ecdsa-with-SHA256`, `rsassaPss (sha256, salt 32)`, or the dotted form. */
export function algorithmName(algorithm: AlgorithmIdentifier): string {
  const name = oidName(algorithm.oid);
  if (algorithm.oid === RSASSA_PSS && algorithm.parameters) {
    return `${name} (${pssText(algorithm.parameters)})`;
  }
  return name;
}

/** RSASSA-PSS-params (RFC 4055 3.1). */
function pssText(parameters: Uint8Array): string {
  const reader = new LenientReader(parameters, "RSASSA-PSS-params");
  try {
    return reader.inside(Tag.sequence, () => {
      const hash = reader.optional(contextTag(0), () => oidName(readAlgorithm(reader).oid));
      reader.optional(contextTag(1), () => reader.element());
      const salt = reader.optional(contextTag(2), () => reader.smallInteger());
      reader.optional(contextTag(3), () => reader.element());
      return `${hash ?? "sha1"}, salt ${salt ?? 20}`;
    });
  } catch (error) {
    if (error instanceof DerError) return printable(error.message);
    throw error;
  }
}
