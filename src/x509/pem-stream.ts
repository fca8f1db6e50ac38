import { DerError } from "../der/reader.ts";

const BEGIN = "-----BEGIN ";
const END = "-----END ";
/** RFC 7468 has 64 characters a line; a whole file on one line has no end to wait for. */
const LONGEST_LINE = 65_536;
const BASE64_LINE = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Takes the one textual encoding (RFC 7468) with this label out of a text that comes in pieces, and hands
 * its octets on as they are decoded. Text before and after it is passed over. A line that is not base64,
 * a block without end and a second block are a `DerError` with the line.
 */
export class PemStream {
  readonly #label: string;
  readonly #onOctets: (octets: Uint8Array) => void;
  #state: "before" | "inside" | "after" = "before";
  #rest = "";
  /** Base64 that makes no whole octets yet. */
  #digits = "";
  #isPadded = false;
  #line = 0;

  constructor(label: string, onOctets: (octets: Uint8Array) => void) {
    this.#label = label;
    this.#onOctets = onOctets;
  }

  /** Takes the next octets of the text. */
  push(octets: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(octets).toString("latin1")).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LONGEST_LINE) this.#fail("a line is too long");
    for (const line of lines) this.#take(line);
    this.#decode(this.#digits.length - (this.#digits.length % 4));
  }

  /** To be called after the last octets. */
  end(): void {
    this.#take(this.#rest);
    if (this.#state === "before") this.#fail(`no ${BEGIN}${this.#label}-----`);
    if (this.#state === "inside") this.#fail(`no ${END}${this.#label}-----`);
  }

  #take(text: string): void {
    this.#line++;
    const line = text.trim();
    if (line.startsWith(BEGIN)) this.#begin(line);
    else if (this.#state !== "inside") return;
    else if (line.startsWith("-----")) this.#finish(line);
    else this.#add(line);
  }

  #add(line: string): void {
    // What is padded ends there.
    if (!BASE64_LINE.test(line) || (this.#isPadded && line !== "")) this.#fail("not base64");
    this.#isPadded ||= line.endsWith("=");
    this.#digits += line;
  }

  #begin(line: string): void {
    if (line !== `${BEGIN}${this.#label}-----`) {
      if (this.#state === "inside") this.#fail(`${line} inside of another block`);
      return;
    }
    if (this.#state !== "before") this.#fail(`a second ${this.#label}: give each in its own file`);
    this.#state = "inside";
  }

  #finish(line: string): void {
    if (line !== `${END}${this.#label}-----`) this.#fail(`should be ${END}${this.#label}-----`);
    if (this.#digits.length % 4 !== 0) this.#fail("the base64 before it is cut off");
    this.#decode(this.#digits.length);
    this.#state = "after";
  }

  /** Decodes the first `length` digits, a multiple of 4. */
  #decode(length: number): void {
    if (length === 0) return;
    this.#onOctets(Buffer.from(this.#digits.slice(0, length), "base64"));
    this.#digits = this.#digits.slice(length);
  }

  #fail(problem: string): never {
    throw new DerError(`bad PEM at line ${this.#line}: ${problem}`);
  }
}
