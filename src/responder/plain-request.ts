/*
 * The plain shape of an HTTP/1.x request, read strictly from octets (RFC 9112 2-6). It is not a general
 * reader: whatever is not plain, down to one doubtful octet, is somebody else's to judge.
 */

/** What the octets hold: a whole head of the plain shape, the beginning of one, or something else. */
export type Reading = "plain" | "partial" | "other";

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const COLON = 0x3a;
const SLASH = 0x2f;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
/** A longer head is left to the general reader, which refuses it. */
const LONGEST_HEAD = 8_192;
const METHODS = ["POST ", "GET ", "HEAD "] as const;
const METHOD_NAMES = { "POST ": "POST", "GET ": "GET", "HEAD ": "HEAD" } as const;
const VERSION = Buffer.from(" HTTP/1.1\r\n");
const MINOR_AT = 8;
const ZERO = 0x30;
const DEL = 0x7f;

/** tchar of RFC 9110 5.6.2, by octet. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[char.charCodeAt(0)] = 1;
}

/** What a field's value may hold, by octet; of a tab (RFC 9110 5.6.3) readers think differently. */
const VALUE = new Uint8Array(256).fill(1, SPACE, DEL);

type Field = (request: PlainRequest, value: string) => boolean;

/** The fields that change what is done; `false` makes the request another's. All others are passed over. */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["host", (request) => ++request.hosts === 1],
  ["content-length", readContentLength],
  ["connection", readConnection],
  ["if-none-match", readOnce("ifNoneMatch")],
  ["if-modified-since", readOnce("ifModifiedSince")],
  // They ask for a part of a file, or on conditions: rare, and the general reader's.
  ["range", () => false],
  ["if-range", () => false],
  ["if-match", () => false],
  ["if-unmodified-since", () => false],
  // To node:http it is a Connection field.
  ["proxy-connection", () => false],
  ["transfer-encoding", () => false],
  ["expect", () => false],
  ["upgrade", () => false],
  ["trailer", () => false],
]);
const FIELD_LENGTHS: ReadonlySet<number> = new Set([...FIELDS.keys()].map((name) => name.length));

/** One request's head; the object is used again for the next. */
export class PlainRequest {
  method: "GET" | "HEAD" | "POST" = "GET";
  /** As it stands in the request line. */
  target = "";
  keepAlive = true;
  /** The Connection field, where there is one. */
  connection: "keep-alive" | "close" | undefined;
  contentLength = -1;
  ifNoneMatch: string | undefined;
  ifModifiedSince: string | undefined;
  /** Where the body begins. */
  bodyAt = 0;
  /** How many Host fields there are. */
  hosts = 0;

  /** Where the body ends. */
  get end(): number {
    return this.bodyAt + Math.max(0, this.contentLength);
  }

  /** Reads the head that begins at `start`; after "plain" the members hold it. */
  read(octets: Buffer, start: number): Reading {
    const end = octets.indexOf(END_OF_HEAD, start);
    if (end < 0) return mayBecomePlain(octets, start) ? "partial" : "other";
    if (end - start > LONGEST_HEAD) return "other";
    this.#reset(end + END_OF_HEAD.length);
    const fieldsAt = this.#readRequestLine(octets, start, end + 2);
    if (fieldsAt < 0 || !this.#readFields(octets, fieldsAt, end + 2)) return "other";
    return this.#isPlain(octets[fieldsAt - 3] as number) ? "plain" : "other";
  }

  #reset(bodyAt: number): void {
    this.connection = undefined;
    this.contentLength = -1;
    this.ifNoneMatch = undefined;
    this.ifModifiedSince = undefined;
    this.bodyAt = bodyAt;
    this.hosts = 0;
  }

  /** Returns where the first field begins, or -1. */
  #readRequestLine(octets: Buffer, start: number, end: number): number {
    const method = METHODS.find((name) => startsWith(octets, start, name));
    if (!method) return -1;
    const targetAt = start + method.length;
    const targetEnd = endOfTarget(octets, targetAt);
    const fieldsAt = targetEnd + VERSION.length;
    // A target of another form than origin-form is rare, and more than an octet tells what it is.
    if (octets[targetAt] !== SLASH || fieldsAt > end || !isVersion(octets, targetEnd)) return -1;
    this.method = METHOD_NAMES[method];
    this.target = octets.toString("latin1", targetAt, targetEnd);
    return fieldsAt;
  }

  #readFields(octets: Buffer, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      const nameEnd = endOfToken(octets, at);
      if (nameEnd === at || octets[nameEnd] !== COLON) return false;
      const valueEnd = endOfValue(octets, nameEnd + 1);
      if (octets[valueEnd] !== CR || octets[valueEnd + 1] !== LF) return false;
      if (!this.#readField(octets, at, nameEnd, valueEnd)) return false;
      at = valueEnd + 2;
    }
    return true;
  }

  #readField(octets: Buffer, nameAt: number, nameEnd: number, valueEnd: number): boolean {
    if (!FIELD_LENGTHS.has(nameEnd - nameAt)) return true;
    const field = FIELDS.get(octets.toString("latin1", nameAt, nameEnd).toLowerCase());
    if (!field) return true;
    return field(this, octets.toString("latin1", nameEnd + 1, valueEnd).trim());
  }

  #isPlain(minorVersion: number): boolean {
    const isOld = minorVersion === ZERO;
    // HTTP/1.0 needs no Host, and closes; if it wants to be kept, it is the general reader's.
    if (isOld ? this.connection === "keep-alive" : this.hosts !== 1) return false;
    this.keepAlive = !isOld && this.connection !== "close";
    return this.method === "POST" ? this.contentLength >= 0 : this.contentLength <= 0;
  }
}

function startsWith(octets: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (octets[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Whether what follows can make a plain head of it: no octet is doubtful by itself. Else whoever sent it
 * would wait for an answer until the time for a request is over.
 */
function mayBecomePlain(octets: Buffer, start: number): boolean {
  const length = octets.length - start;
  if (length >= LONGEST_HEAD + END_OF_HEAD.length) return false;
  const method = METHODS.some((name) => startsWith(octets, start, name.slice(0, length)));
  let at = start;
  while (at < octets.length && isPlainOctet(octets, at)) at++;
  return method && at === octets.length;
}

/** Visible ASCII, blank, or one of a pair of CR and LF, whose second may be still to come. */
function isPlainOctet(octets: Buffer, at: number): boolean {
  const octet = octets[at] as number;
  if (octet === LF) return octets[at - 1] === CR;
  if (octet === CR) return at + 1 === octets.length || octets[at + 1] === LF;
  return VALUE[octet] === 1;
}

/** Visible ASCII, to the blank before the version. */
function endOfTarget(octets: Buffer, start: number): number {
  let at = start;
  while ((octets[at] as number) > SPACE && (octets[at] as number) < DEL) at++;
  return at;
}

function endOfToken(octets: Buffer, start: number): number {
  let at = start;
  while (TOKEN[octets[at] as number] === 1) at++;
  return at;
}

/** Visible ASCII and blank; obs-text (above 0x7e) is doubtful. */
function endOfValue(octets: Buffer, start: number): number {
  let at = start;
  while (VALUE[octets[at] as number] === 1) at++;
  return at;
}

/** The blank, HTTP/1.1 or HTTP/1.0, and the line's end. */
function isVersion(octets: Buffer, at: number): boolean {
  for (let i = 0; i < VERSION.length; i++) {
    const octet = octets[at + i];
    if (octet !== VERSION[i] && !(i === MINOR_AT && octet === ZERO)) return false;
  }
  return true;
}

function readContentLength(request: PlainRequest, value: string): boolean {
  if (request.contentLength >= 0 || !/^\d{1,7}$/.test(value)) return false;
  request.contentLength = Number(value);
  return true;
}

function readConnection(request: PlainRequest, value: string): boolean {
  const option = value.toLowerCase();
  if (request.connection !== undefined) return false;
  if (option !== "close" && option !== "keep-alive") return false;
  request.connection = option;
  return true;
}

function readOnce(member: "ifNoneMatch" | "ifModifiedSince"): Field {
  return (request, value) => {
    if (request[member] !== undefined) return false;
    request[member] = value;
    return true;
  };
}
