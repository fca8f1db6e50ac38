import type { LenientReader } from "../der/lenient-reader.ts";
import { Tag } from "../der/reader.ts";

/** An AlgorithmIdentifier (RFC 5280 4.1.1.2) of a message that someone else wrote. */
export interface AlgorithmIdentifier {
  /** Whole. */
  readonly der: Uint8Array;
  /** Dotted. */
  readonly oid: string;
  /** The parameters element, or nothing. */
  readonly parameters: Uint8Array | undefined;
}

/** Reads the AlgorithmIdentifier that comes next. */
export function readAlgorithm(reader: LenientReader): AlgorithmIdentifier {
  const der = reader.element(Tag.sequence);
  const inner = reader.nested(der, "AlgorithmIdentifier");
  return inner.inside(Tag.sequence, () => ({
    der,
    oid: inner.oid(),
    parameters: inner.atEnd ? undefined : inner.element(),
  }));
}

/** How an AlgorithmIdentifier states its parameters. */
export function parametersOf({ parameters }: AlgorithmIdentifier): "absent" | "NULL" | "other" {
  if (parameters === undefined) return "absent";
  return parameters.length === 2 && parameters[0] === Tag.null ? "NULL" : "other";
}
