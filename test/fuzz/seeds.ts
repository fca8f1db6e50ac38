import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OIDS } from "../../src/der/oids.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { element, sequence } from "../../src/der/writer.ts";

const VECTORS = fileURLToPath(new URL("../vectors/", import.meta.url));
/** More than a body may have is refused before it is read. */
const LARGEST = 10_000;

function files(folder: string, end: string): Buffer[] {
  return readdirSync(`${VECTORS}${folder}`)
    .filter((file) => file.endsWith(end))
    .map((file) => readFileSync(`${VECTORS}${folder}/${file}`))
    .filter(({ length }) => length > 0 && length <= LARGEST);
}

/** A request with every extension that RFC 6960 4.4 has for one, which no vector has together. */
function everyExtension(plain: Buffer): Buffer {
  const extension = (oid: Uint8Array, value: Uint8Array): Buffer =>
    sequence(oid, element(Tag.octetString, value));
  // OCSPRequest, TBSRequest, requestList: each of one element, with lengths of one octet.
  const requestList = plain.subarray(4);
  const extensions = sequence(
    extension(OIDS.ocspNonce, element(Tag.octetString, Buffer.alloc(32, 7))),
    extension(OIDS.ocspResponse, sequence(OIDS.ocspBasic)),
    extension(OIDS.ocspPrefSigAlgs, sequence(sequence(sequence(OIDS.ecdsaWithSHA256)))),
  );
  return sequence(sequence(requestList, element(contextTag(2), extensions)));
}

/** Requests that are mutated. */
export function requestSeeds(): Buffer[] {
  const captured = files("client-captured", ".req.der");
  const plain = captured.find(({ length }) => length < 0x80) as Buffer;
  return [...files("synthetic", ".der"), ...captured, everyExtension(plain)];
}

/** Whole HTTP messages that are mutated. */
export function messageSeeds(): Buffer[] {
  return [...files("synthetic/http", ".http"), ...files("client-captured", ".req.http")];
}
