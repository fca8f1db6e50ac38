/** Extensions of certificates that relying parties of RFC 5280 4.2 know, by dotted identifier. */
export const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([
  ...[9, 14, 15, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54, 56].map((arc) => `2.5.29.${arc}`),
  "1.3.6.1.5.5.7.1.1",
  "1.3.6.1.5.5.7.1.3",
  "1.3.6.1.5.5.7.1.11",
  "1.3.6.1.5.5.7.1.24",
  "1.3.6.1.5.5.7.48.1.5",
]);
