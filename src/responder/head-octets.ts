import { METHODS as NODE_METHODS } from "node:http";

/*
 * Octets of the head of an HTTP/1.x request (RFC 9112 2-5): which may stand where, in the plain shape.
 */

export const CR = 0x0d;
export const LF = 0x0a;
const SPACE = 0x20;
export const COLON = 0x3a;
export const SLASH = 0x2f;
export const END_OF_HEAD: Buffer = Buffer.from("\r\n\r\n");
/** A longer head is left to the general reader, which refuses it. */
export const LONGEST_HEAD = 8_192;
const KNOWN_METHODS: ReadonlySet<string> = new Set(NODE_METHODS);
const METHODS = ["POST", "GET", "HEAD"] as const;
/** The methods of the plain shape. */
export type Method = (typeof METHODS)[number];
export const VERSION: Buffer = Buffer.from(" HTTP/1.1\r\n");
const MINOR_AT = 8;
export const ZERO = 0x30;
const DEL = 0x7f;

/** tchar of RFC 9110 5.6.2, by octet. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[char.charCodeAt(0)] = 1;
}

/** What a field's value may hold, by octet; of a tab (RFC 9110 5.6.3) readers think differently. */
const VALUE = new Uint8Array(256).fill(1, SPACE, DEL);

export function methodAt(octets: Buffer, start: number): Method | undefined {
  for (const method of METHODS) {
    if (startsWith(octets, start, method)) {
      return octets[start + method.length] === SPACE ? method : undefined;
    }
  }
  return undefined;
}

function startsWith(octets: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (octets[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Whether what follows can make a plain head of it: no octet is doubtful by itself. Else whoever sent it
 * would wait for an answer until the time for a request is over.
 */
export function mayBecomePlain(octets: Buffer, start: number): boolean {
  const length = octets.length - start;
  if (length >= LONGEST_HEAD + END_OF_HEAD.length) return false;
  const method = METHODS.some((name) => startsWith(octets, start, `${name} `.slice(0, length)));
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
export function endOfTarget(octets: Buffer, start: number): number {
  let at = start;
  while ((octets[at] as number) > SPACE && (octets[at] as number) < DEL) at++;
  return at;
}

export function endOfToken(octets: Buffer, start: number): number {
  let at = start;
  while (TOKEN[octets[at] as number] === 1) at++;
  return at;
}

/** Visible ASCII and blank; obs-text (above 0x7e) is doubtful. */
export function endOfValue(octets: Buffer, start: number): number {
  let at = start;
  while (VALUE[octets[at] as number] === 1) at++;
  return at;
}

/** The blank, HTTP/1.1 or HTTP/1.0, and the line's end. */
export function isVersion(octets: Buffer, at: number): boolean {
  for (let i = 0; i < VERSION.length; i++) {
    const octet = octets[at + i];
    if (octet !== VERSION[i] && !(i === MINOR_AT && octet === ZERO)) return false;
  }
  return true;
}

/** Whether a request line of one of the methods is longer than any that is answered, whole or not. */
export function isLongRequestLine(octets: Buffer, start: number, longest: number): boolean {
  if (octets.length - start <= longest || !methodAt(octets, start)) return false;
  const end = octets.indexOf(LF, start);
  return (end < 0 ? octets.length : end - 1) - start > longest;
}

/** A request line whose method node:http does not know, and would call no HTTP; nothing for any other. */
export function oddRequestLine(
  octets: Buffer,
  start: number,
): { readonly method: string; readonly target: string } | undefined {
  const methodEnd = endOfToken(octets, start);
  const targetEnd = endOfTarget(octets, methodEnd + 1);
  if (methodEnd === start || octets[methodEnd] !== SPACE) return undefined;
  if (targetEnd === methodEnd + 1 || !isVersion(octets, targetEnd)) return undefined;
  const method = octets.toString("latin1", start, methodEnd);
  if (KNOWN_METHODS.has(method)) return undefined;
  return { method, target: octets.toString("latin1", methodEnd + 1, targetEnd) };
}
