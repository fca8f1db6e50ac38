import fc from "fast-check";

/** Every visible octet of ASCII. */
export function visible(): string {
  return String.fromCharCode(...Array.from({ length: 0x7f - 0x21 }, (_, i) => i + 0x21));
}

/** `usual` for the most part. */
function mostly(usual: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

export const anyOctet: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 255 })
  .map((octet) => String.fromCharCode(octet));
export const printable: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...visible(), " ", "\t"),
  maxLength: 20,
});
const target = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("/", "/ocsp", "//M%2F", "/M/+==", "/a?b#c", "/#?#") },
  { weight: 4, arbitrary: printable.map((text) => `/${text.replaceAll(/[ \t]/g, "")}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("*", "a", "http://a/M", "http:/", "@", "", "/ /", "/\0"),
  },
  { weight: 1, arbitrary: anyOctet.map((octet) => `/${octet}`) },
);
const lineEnd = mostly("\r\n", "\n", "\r", "\r\r\n", "\r\n ", "");
const PLAIN_FIELDS = [
  "Host: a",
  "Host:",
  "hOST:b",
  "Content-Length: 3",
  "content-LENGTH:0",
  "Content-Length: 003 ",
  "Connection: close",
  "Connection:Keep-Alive",
  "Connection: \tclose ",
  'If-None-Match: "a"',
  "If-Modified-Since: Sun",
  "Accept: */*",
  "X:",
  "X:  \t ",
  "Cookie: a=b; c",
];
const DOUBTFUL_FIELDS = [
  "Content-Length: +3",
  "Content-Length: 3, 3",
  "Content-Length:\t3",
  "Content-Length: 3\t",
  "Content-Length:",
  "Content-Length: 12345678",
  "Content-Length : 3",
  "Transfer-Encoding: chunked",
  "transfer-encoding:",
  "Connection: close, x",
  "Connection: close\t",
  "Connection: upgrade",
  "Proxy-Connection: close",
  "Expect: 100-continue",
  "Upgrade: x",
  "Trailer: x",
  ": a",
  "X",
  " a",
  "X: \x80",
  "X: \0",
  "",
];
const field = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...PLAIN_FIELDS) },
  { weight: 2, arbitrary: fc.constantFrom(...DOUBTFUL_FIELDS) },
  { weight: 3, arbitrary: fc.tuple(printable, printable).map(([a, b]) => `X${a}:${b}`) },
  { weight: 3, arbitrary: printable.map((value) => `Connection:${value}`) },
  { weight: 1, arbitrary: anyOctet.map((octet) => `X: ${octet}a`) },
  { weight: 1, arbitrary: anyOctet.map((octet) => `${octet}: a`) },
);
const startLine = fc
  .tuple(
    fc.constantFrom("GET", "POST", "HEAD"),
    mostly(" ", "  ", "\t", ""),
    target,
    mostly(" ", "  ", "\t", ""),
    mostly("HTTP/1.1", "HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 "),
  )
  .map((parts) => parts.join(""));
const fields = fc.array(fc.tuple(field, lineEnd), { maxLength: 5 });
/** One Host and one length more often than chance would have it. */
const usualFields = fc
  .tuple(mostly("Host: a\r\n", "", "Host: b\n"), mostly("", "Content-Length: 3\r\n"))
  .map((parts) => parts.join(""));
/** Heads of plain and doubtful pieces, more plain than doubtful. */
export const head: fc.Arbitrary<string> = fc
  .tuple(startLine, lineEnd, usualFields, fields, lineEnd)
  .map(([start, end, usual, more, last]) => [start, end, usual, ...more.flat(), last].join(""));
