const LONGEST_FIELD = 1_000;
const MEMBER =
  /^(?<coding>[!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;

/**
 * Whether a request wants gzip rather than the octets as they are (RFC 9110 12.5.3): it names gzip (or
 * x-gzip, 8.4.1.3), with a weight above 0 that is not less than that of `identity`.
 *
 * `*` does not ask for it: whoever cannot undo gzip may send that, and what is left out is acceptable
 * in any case. A member that cannot be read is passed over.
 */
export function prefersGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined || acceptEncoding.length > LONGEST_FIELD) return false;
  const weights = new Map<string, number>();
  for (const member of acceptEncoding.toLowerCase().split(",")) {
    const { coding, weight = "1" } = MEMBER.exec(member.trim())?.groups ?? {};
    if (coding !== undefined) weights.set(coding, Number(weight));
  }
  const gzip = weights.get("gzip") ?? weights.get("x-gzip") ?? 0;
  const identity = weights.get("identity") ?? weights.get("*") ?? 0;
  return gzip > 0 && gzip >= identity;
}
