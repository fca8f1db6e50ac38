const HEAD_END = Buffer.from("\r\n\r\n");
const LONGEST_HEAD = 65_536;
const START = /^(?:HTTP\/[\d.]+ \d{3}|(?<method>[A-Z]+) (?<target>\S+) HTTP\/[\d.]+)[^\n]*\n/;

/**
 * What an HTTP message carries, as `curl -i` and captures show one: its body, or of a GET the target, which has the
 * request in base64. Nothing where it is no HTTP message.
 */
export function httpContent(octets: Buffer): Buffer | undefined {
  const end = octets.subarray(0, LONGEST_HEAD).indexOf(HEAD_END);
  const head = octets.toString("latin1", 0, end < 0 ? LONGEST_HEAD : end + 2);
  const { method, target = "" } = START.exec(head)?.groups ?? {};
  if (method === "GET" || method === "HEAD") return Buffer.from(pathOf(target));
  if (end < 0 || !START.test(head)) return undefined;
  const body = octets.subarray(end + HEAD_END.length);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length === undefined ? body : body.subarray(0, Number(length));
}

/** Without the query, which no responder looks at. */
function pathOf(target: string): string {
  return target.replace(/\?.*$/, "");
}
