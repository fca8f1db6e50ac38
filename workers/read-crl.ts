import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { type CRLReading, ForeignCRLReader, isBadCRL } from "../src/crl/foreign-crl-reader.ts";

const PIECE_OCTETS = 65_536;

/** One CRL, read in a thread of its own: what it holds goes back, or why it cannot be used. */
const { file, issuer, copy } = workerData as CRLReading;
const from = openSync(file, "r");
const to = openSync(copy, "w", 0o640);
try {
  const reader = new ForeignCRLReader(issuer, (der) => {
    for (let at = 0; at < der.length; ) at += writeSync(to, der, at);
  });
  const piece = Buffer.allocUnsafe(PIECE_OCTETS);
  for (let read = 1; read > 0; ) {
    read = readSync(from, piece);
    reader.push(piece.subarray(0, read));
  }
  const crl = reader.end();
  fsyncSync(to);
  parentPort?.postMessage({ crl }, [crl.packed.buffer]);
} catch (error) {
  if (!isBadCRL(error)) throw error;
  parentPort?.postMessage({ bad: error.message });
} finally {
  closeSync(from);
  closeSync(to);
}
