const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text of a stranger, fit for a message: what does not print or turns the writing direction is
 * escaped as its UTF-8 octets (`\0A`, as RFC 4514 2.4), and what is longer than `longest`
 * UTF-16 units ends in an ellipsis.
 */
export function printable(text: string, longest = 200): string {
  const escaped = text.slice(0, longest + 1).replace(UNPRINTABLE, hexPairs);
  if (text.length <= longest && escaped.length <= longest) return escaped;
  return `${escaped.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function hexPairs(character: string): string {
  return Buffer.from(character).toString("hex").toUpperCase().replace(/../g, "\\$&");
}
