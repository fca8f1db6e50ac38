/** Beyond every window. */
export const NOT_HERE: number = Number.POSITIVE_INFINITY;

/**
 * Where the element at `at` ends; `NOT_HERE` where not even its length has come. A length that is
 * no DER counts as none: whoever reads the element refuses it.
 */
export function elementEnd(window: Uint8Array, at: number): number {
  const first = window[at + 1];
  if (first === undefined) return NOT_HERE;
  if (first < 0x80) return at + 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) return at + 2;
  if (at + 2 + count > window.length) return NOT_HERE;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (window[at + 2 + i] as number);
  return at + 2 + count + length;
}
