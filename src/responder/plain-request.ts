import {
  COLON,
  CR,
  END_OF_HEAD,
  endOfTarget,
  endOfToken,
  endOfValue,
  isVersion,
  LF,
  LONGEST_HEAD,
  type Method,
  mayBecomePlain,
  methodAt,
  SLASH,
  VERSION,
  ZERO,
} from "./head-octets.ts";
import { isHost } from "./host-field.ts";

/*
 * The plain shape of an HTTP/1.x request, read strictly from octets (RFC 9112 2-6). It is not a general
 * reader: whatever is not plain, down to one doubtful octet, is somebody else's to judge.
 */

/** What the octets hold: a whole head of the plain shape, the beginning of one, or something else. */
export type Reading = "plain" | "partial" | "other";

type Field = (request: PlainRequest, value: string) => boolean;

/** The fields that change what is done; `false` makes the request another's. All others are passed over. */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["host", (request, value) => ++request.hosts === 1 && isHost(value)],
  ["content-length", readContentLength],
  ["connection", readConnection],
  ["if-none-match", readOnce("ifNoneMatch")],
  ["if-modified-since", readOnce("ifModifiedSince")],
  ["accept-encoding", readOnce("acceptEncoding")],
  // They ask for a part of a file, or on conditions: rare, and the general reader's.
  ["range", () => false],
  ["if-range", () => false],
  ["if-match", () => false],
  ["if-unmodified-since", () => false],
  // To node:http it is a Connection field.
  ["proxy-connection", () => false],
  ["transfer-encoding", () => false],
  ["expect", () => false],
  ["trailer", () => false],
]);
const FIELD_LENGTHS: ReadonlySet<number> = new Set([...FIELDS.keys()].map((name) => name.length));

/** More fields than clients send are not kept to be compared. */
const LONGEST_KEPT = 1_024;
const NOTHING: Uint8Array = Buffer.alloc(0);
/** Of RFC 9110 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** One request's head; the object is used again for the connection's next. */
export class PlainRequest {
  method: Method = "GET";
  /** Where the target stands in the request line. */
  targetAt = 0;
  targetEnd = 0;
  keepAlive = true;
  /** The Connection field, where there is one. */
  connection: "keep-alive" | "close" | undefined;
  contentLength = -1;
  ifNoneMatch: string | undefined;
  ifModifiedSince: string | undefined;
  acceptEncoding: string | undefined;
  /** Where the body begins. */
  bodyAt = 0;
  /** How many Host fields there are. */
  hosts = 0;

  /**
   * The fields of the last request with the empty line after them, and its method and version: a client's
   * requests differ in little else, and what is the same octet for octet means the same.
   */
  #kept = NOTHING;
  #keptMethod = "";
  #keptVersion = 0;
  #hasReadOne = false;

  /** Where the body ends. */
  get end(): number {
    return this.bodyAt + Math.max(0, this.contentLength);
  }

  /** The target as it stands in the request line, one character an octet. */
  target(octets: Buffer): string {
    return octets.toString("latin1", this.targetAt, this.targetEnd);
  }

  /** Reads the head that begins at `start`; after "plain" the members hold it. */
  read(octets: Buffer, start: number): Reading {
    const fieldsAt = this.#readRequestLine(octets, start);
    if (fieldsAt < 0 || !this.#isAsKept(octets, fieldsAt)) {
      return this.#readAnew(octets, start, fieldsAt);
    }
    this.bodyAt = fieldsAt + this.#kept.length;
    return this.bodyAt - END_OF_HEAD.length - start > LONGEST_HEAD ? "other" : "plain";
  }

  #readAnew(octets: Buffer, start: number, fieldsAt: number): Reading {
    const end = octets.indexOf(END_OF_HEAD, start);
    if (end < 0) return mayBecomePlain(octets, start) ? "partial" : "other";
    if (end - start > LONGEST_HEAD || fieldsAt < 0 || fieldsAt > end + 2) return "other";
    this.#reset(end + END_OF_HEAD.length);
    if (!this.#readFields(octets, fieldsAt, end + 2)) return "other";
    if (!this.#isPlain(octets[fieldsAt - 3] as number)) return "other";
    this.#keep(octets, fieldsAt);
    return "plain";
  }

  #reset(bodyAt: number): void {
    this.connection = undefined;
    this.contentLength = -1;
    this.ifNoneMatch = undefined;
    this.ifModifiedSince = undefined;
    this.acceptEncoding = undefined;
    this.bodyAt = bodyAt;
    this.hosts = 0;
    this.#kept = NOTHING;
  }

  #isAsKept(octets: Buffer, fieldsAt: number): boolean {
    const kept = this.#kept;
    const end = fieldsAt + kept.length;
    return (
      kept.length > 0 &&
      end <= octets.length &&
      this.method === this.#keptMethod &&
      octets[fieldsAt - 3] === this.#keptVersion &&
      octets.compare(kept, 0, kept.length, fieldsAt, end) === 0
    );
  }

  /** From the second request on: many a connection has but one. */
  #keep(octets: Buffer, fieldsAt: number): void {
    if (this.#hasReadOne && this.bodyAt - fieldsAt <= LONGEST_KEPT) {
      this.#kept = Uint8Array.prototype.slice.call(octets, fieldsAt, this.bodyAt);
      this.#keptMethod = this.method;
      this.#keptVersion = octets[fieldsAt - 3] as number;
    }
    this.#hasReadOne = true;
  }

  /** Returns where the first field begins, or -1 where no plain request line is there whole. */
  #readRequestLine(octets: Buffer, start: number): number {
    const method = methodAt(octets, start);
    if (!method) return -1;
    const targetAt = start + method.length + 1;
    const targetEnd = endOfTarget(octets, targetAt);
    // A target of another form than origin-form is rare, and more than an octet tells what it is.
    if (octets[targetAt] !== SLASH || !isVersion(octets, targetEnd)) return -1;
    this.method = method;
    this.targetAt = targetAt;
    this.targetEnd = targetEnd;
    return targetEnd + VERSION.length;
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

function readContentLength(request: PlainRequest, value: string): boolean {
  if (request.contentLength >= 0 || !/^\d{1,7}$/.test(value)) return false;
  request.contentLength = Number(value);
  return true;
}

/** Close or keep-alive, once; other options, as Upgrade and TE, change nothing here (RFC 9110 7.6.1, 7.8). */
function readConnection(request: PlainRequest, value: string): boolean {
  for (const item of value.toLowerCase().split(",")) {
    const option = item.trim();
    if (!TOKEN.test(option)) return false;
    if (option !== "close" && option !== "keep-alive") continue;
    if (request.connection !== undefined) return false;
    request.connection = option;
  }
  return true;
}

function readOnce(member: "ifNoneMatch" | "ifModifiedSince" | "acceptEncoding"): Field {
  return (request, value) => {
    if (request[member] !== undefined) return false;
    request[member] = value;
    return true;
  };
}
