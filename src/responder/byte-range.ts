/** A run of octets of a representation: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const BYTES = /^[ \t]*bytes[ \t]*=(?<set>.*)$/i;
const INT_RANGE = /^[ \t]*(?<first>\d+)-(?<last>\d*)[ \t]*$/;
const SUFFIX_RANGE = /^[ \t]*-(?<length>\d+)[ \t]*$/;

/**
 * What the Range field of a GET asks of a representation of `size` octets (RFC 9110 14.1.2, 14.2):
 * a part, the whole, or what is not there (416).
 *
 * Several ranges, another unit than bytes and a set that is none get the whole, which RFC 9110 14.2
 * allows: nobody resumes a CRL in pieces, and many small ranges are an old way to cost a server much.
 */
export function requestedSpan(
  range: string | undefined,
  size: number,
): Span | "whole" | "unsatisfiable" {
  const set = range === undefined ? undefined : BYTES.exec(range)?.groups?.["set"];
  if (set === undefined) return "whole";
  const suffix = SUFFIX_RANGE.exec(set)?.groups?.["length"];
  if (suffix !== undefined) return satisfied({ start: size - Number(suffix), end: size }, size);
  const { first, last } = INT_RANGE.exec(set)?.groups ?? {};
  if (first === undefined) return "whole";
  const end = last === "" || last === undefined ? size : Number(last) + 1;
  // Of an int-range that ends before it begins the whole field is invalid, and is ignored (14.1.1).
  if (last !== "" && Number(last) < Number(first)) return "whole";
  return satisfied({ start: Number(first), end }, size);
}

/** Numbers of any length came in: what lies beyond the end is cut off. */
function satisfied({ start, end }: Span, size: number): Span | "unsatisfiable" {
  const from = Math.max(0, start);
  return from >= size ? "unsatisfiable" : { start: from, end: Math.min(end, size) };
}
