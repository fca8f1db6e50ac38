import type { LenientReader } from "../der/lenient-reader.ts";
import { Tag } from "../der/reader.ts";

/** One Extension (RFC 5280 4.1.2.9) of a message that someone else wrote. */
export interface AnyExtension {
  /** Dotted. */
  readonly oid: string;
  readonly isCritical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
}

/** Reads an Extensions SEQUENCE; an empty one, a repeated extension and FALSE written out are flaws. */
export function readExtensionList(reader: LenientReader): AnyExtension[] {
  const where = reader.place;
  const error = (problem: string, rule: string): void =>
    reader.note({ where, problem, rule, weight: "error" });
  const extensions = reader.list(Tag.sequence, () => readExtension(reader));
  if (extensions.length === 0) error("a list of extensions with none in it", "RFC 5280 4.1.2.9");
  for (const oid of repeated(extensions)) error(`extension ${oid} twice`, "RFC 5280 4.2");
  return extensions;
}

function readExtension(reader: LenientReader): AnyExtension {
  return reader.inside(Tag.sequence, () => {
    const oid = reader.oid();
    const isCritical = readCritical(reader);
    return { oid, isCritical, value: reader.content(Tag.octetString) };
  });
}

function readCritical(reader: LenientReader): boolean {
  if (reader.peek() !== Tag.boolean) return false;
  const where = reader.place;
  const isCritical = reader.boolean();
  if (!isCritical) {
    const problem = "not DER: critical FALSE is the default and is left out";
    reader.note({ where, problem, rule: "X.690 11.5", weight: "lapse" });
  }
  return isCritical;
}

function repeated(extensions: readonly AnyExtension[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { oid } of extensions) (seen.has(oid) ? twice : seen).add(oid);
  return twice;
}
