import { ForgivingReader } from "../der/forgiving-reader.ts";
import { CertificateListStream } from "./certificate-list-stream.ts";
import type { OctetSource } from "./entry-octets.ts";
import { EntryPacker } from "./packed-entries.ts";

const PIECE_OCTETS = 65_536;

/**
 * The entries of a CRL by whatever maker, in the order of the store, for `unpackEntries`. It is for CRLs whose
 * signature was verified before. A `DerError` where it cannot be read; nothing where it lists a serialNumber twice.
 */
export function sortedEntries(source: OctetSource): Uint8Array | undefined {
  const packer = new EntryPacker();
  const visitor = {
    onHead: () => undefined,
    onSigned: () => undefined,
    onEntry: packer.add.bind(packer),
  };
  const list = new CertificateListStream(visitor, ForgivingReader);
  const piece = new Uint8Array(PIECE_OCTETS);
  for (let read = source(piece); read > 0; read = source(piece)) list.push(piece.subarray(0, read));
  list.end();
  const sorted = packer.sorted();
  return "packed" in sorted ? sorted.packed : undefined;
}
