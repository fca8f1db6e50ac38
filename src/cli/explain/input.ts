import { createReadStream } from "node:fs";
import { Tag } from "../../der/reader.ts";
import { pemBlocks } from "../../x509/pem.ts";
import { printable } from "../../x509/printable.ts";
import { allOctets, download } from "../download.ts";
import { Failure } from "../failure.ts";
import { fromHex } from "./hexadecimal.ts";
import { httpContent } from "./http-message.ts";
import { isText, pastedText } from "./pasted-text.ts";

/** One encoded object, and how it came. */
export interface Input {
  readonly der: Uint8Array;
  readonly encoding: "DER" | "PEM" | "base64" | "hexadecimal";
  /** The PEM label, which tells what it is. */
  readonly label: string | undefined;
}

const GIVE =
  "give an OCSP request or answer, a CRL or a certificate, in DER, PEM, base64 or hexadecimal";
const PIECE = 1024 * 1024;

/**
 * The objects in a file, at a URL, or in standard input for `-`; PEM may hold several. An HTTP message is read for
 * what it carries. What holds none is a `Failure`.
 */
export async function readInput(file: string): Promise<Input[]> {
  const octets = await readOctets(file);
  const content = httpContent(octets) ?? octets;
  if (content[0] === Tag.sequence && !isText(content)) {
    return [{ der: content, encoding: "DER", label: undefined }];
  }
  const inputs = pemInput(file, content);
  if (inputs.length > 0) return inputs;
  const written = isText(content) ? writtenInput(file, pastedText(content)) : [];
  if (written.length > 0) return written;
  const nothing = "is neither DER nor PEM nor base64 nor hexadecimal";
  throw new Failure("badFile", `${file} ${content.length === 0 ? "is empty" : nothing}`, GIVE);
}

/** What is written in characters, but not as a PEM file has it. */
function writtenInput(file: string, text: string): Input[] {
  const inputs = pemInput(file, text);
  if (inputs.length > 0) return inputs;
  const hex = fromHex(text);
  if (hex?.[0] === Tag.sequence) return [{ der: hex, encoding: "hexadecimal", label: undefined }];
  const der = fromBase64(text);
  return der ? [{ der, encoding: "base64", label: undefined }] : [];
}

function pemInput(file: string, text: Uint8Array | string): Input[] {
  return [...pemBlocks(text)].map((block) => {
    if ("der" in block) return { der: block.der, encoding: "PEM", label: block.label };
    throw new Failure(
      "badFile",
      `${file}:${block.line}: bad PEM: ${printable(block.problem)}`,
      GIVE,
    );
  });
}

/** Base64 or base64url, percent-encoded or not, as the path of a GET has it; with or without padding. */
function fromBase64(text: string): Buffer | undefined {
  const plain = text
    .replace(/\s+/g, "")
    .replace(/^.*\//, (path) => (/^https?:|^\//.test(path) ? "" : path))
    .replace(/%2b/gi, "+")
    .replace(/%2f/gi, "/")
    .replace(/%3d/gi, "=");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain)) return undefined;
  const der = Buffer.from(plain, "base64");
  return der[0] === Tag.sequence ? der : undefined;
}

async function readOctets(file: string): Promise<Buffer> {
  if (/^https?:\/\//i.test(file)) return download(file);
  const source = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: PIECE });
  return allOctets(source).catch((error: Error) => {
    throw new Failure("badFile", `cannot read ${file}: ${error.message}`, "check the path");
  });
}
