import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Tag } from "../../der/reader.ts";
import { pemBlocks } from "../../x509/pem.ts";
import { printable } from "../../x509/printable.ts";
import { download } from "../download.ts";
import { Failure } from "../failure.ts";

/** One encoded object, and how it came. */
export interface Input {
  readonly der: Uint8Array;
  readonly encoding: "DER" | "PEM" | "base64";
  /** The PEM label, which tells what it is. */
  readonly label: string | undefined;
}

const GIVE = "give an OCSP request or answer, a CRL or a certificate, in DER, PEM or base64";

/** The objects in a file, at a URL, or in standard input for `-`; PEM may hold several. What holds none is a `Failure`. */
export async function readInput(file: string): Promise<Input[]> {
  const octets = await readOctets(file);
  if (octets[0] === Tag.sequence) return [{ der: octets, encoding: "DER", label: undefined }];
  if (octets.includes("-----BEGIN ")) return pemInput(file, octets);
  const der = fromBase64(octets);
  if (der) return [{ der, encoding: "base64", label: undefined }];
  const what = octets.length === 0 ? "is empty" : "is neither DER nor PEM nor base64";
  throw new Failure("badFile", `${file} ${what}`, GIVE);
}

function pemInput(file: string, octets: Buffer): Input[] {
  return [...pemBlocks(octets)].map((block) => {
    if ("der" in block) return { der: block.der, encoding: "PEM", label: block.label };
    throw new Failure(
      "badFile",
      `${file}:${block.line}: bad PEM: ${printable(block.problem)}`,
      GIVE,
    );
  });
}

/** Base64 or base64url, percent-encoded or not, as the path of a GET has it; with or without padding. */
function fromBase64(octets: Buffer): Buffer | undefined {
  const text = octets.toString("latin1").replace(/\s+/g, "");
  const plain = text
    .replace(/^.*\//, (path) => (/^https?:|^\//.test(path) ? "" : path))
    .replace(/%2b/gi, "+")
    .replace(/%2f/gi, "/")
    .replace(/%3d/gi, "=");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain)) return undefined;
  const der = Buffer.from(plain, "base64");
  return der[0] === Tag.sequence ? der : undefined;
}

async function readOctets(file: string): Promise<Buffer> {
  if (file === "-") return buffer(process.stdin);
  if (/^https?:\/\//i.test(file)) return download(file);
  return readFile(file).catch((error: Error) => {
    throw new Failure("badFile", `cannot read ${file}: ${error.message}`, "check the path");
  });
}
