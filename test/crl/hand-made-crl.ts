import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ForeignCRLReader, type ReadForeignCRL } from "../../src/crl/foreign-crl-reader.ts";
import { OIDS } from "../../src/der/oids.ts";
import { contextTag, Tag } from "../../src/der/reader.ts";
import { bitString, element, integer, oid, sequence } from "../../src/der/writer.ts";
import { readCertificate } from "../../src/x509/certificate.ts";
import { pemBlocks } from "../../src/x509/pem.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { vouch } from "../support/vouch-cli.ts";

/** The parts of a CRL as they stand, right or wrong; what is left out is as it should be. */
export interface CRLParts {
  readonly issuer: Uint8Array;
  readonly key: KeyObject;
  /** AlgorithmIdentifier: ecdsa-with-SHA256 where nothing is said. */
  readonly algorithm?: Uint8Array;
  readonly hash?: string;
  readonly version?: Uint8Array;
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array;
  /** Content of revokedCertificates, nothing for none. */
  readonly entries?: readonly Uint8Array[];
  /** Content of crlExtensions, nothing for none. */
  readonly extensions?: readonly Uint8Array[];
}

const NOW = Date.now();
const HOUR = 3_600_000;

/** The digits of a moment, hours from now: UTCTime without the century. */
function digits(hours: number): string {
  return new Date(NOW + hours * HOUR).toISOString().replace(/[-:T]|\.\d+/g, "");
}

export function utcTime(hours: number): Buffer {
  return element(Tag.utcTime, Buffer.from(digits(hours).slice(2)));
}

export function generalizedTime(hours: number): Buffer {
  return element(Tag.generalizedTime, Buffer.from(digits(hours)));
}

/** An Extension; `critical` as it is to be written, nothing to leave it out. */
export function extension(dotted: string, value: Uint8Array, critical?: boolean): Buffer {
  const flag = critical === undefined ? [] : [element(Tag.boolean, Buffer.of(critical ? 0xff : 0))];
  return sequence(oid(dotted), ...flag, element(Tag.octetString, value));
}

/** Serial number, in hexadecimal as its DER has it, revocationDate, and extensions in their SEQUENCE. */
export function entry(serial: string, revokedAt: Uint8Array, extensions?: Uint8Array): Buffer {
  const number = element(Tag.integer, Buffer.from(serial, "hex"));
  return sequence(number, revokedAt, ...(extensions ? [extensions] : []));
}

/** A CRL that no encoder of ours would make, and its signature. */
export function handMadeCRL(parts: CRLParts): Buffer {
  const {
    algorithm = sequence(OIDS.ecdsaWithSHA256),
    hash = "sha256",
    entries,
    extensions,
  } = parts;
  const tbs = sequence(
    parts.version ?? integer(1),
    algorithm,
    parts.issuer,
    parts.thisUpdate ?? utcTime(-1),
    parts.nextUpdate ?? utcTime(24),
    ...(entries ? [sequence(...entries)] : []),
    ...(extensions ? [element(contextTag(0), sequence(...extensions))] : []),
  );
  return sequence(tbs, algorithm, bitString(sign(hash, tbs, parts.key)));
}

export function crlNumber(value = 7): Buffer {
  return extension("2.5.29.20", integer(value));
}

/** A CA whose CRLs are made by hand, and what Vouch makes of them. */
export interface HandMaker {
  readonly pki: Pki;
  /** Its name, whole. */
  readonly subject: Uint8Array;
  /** With the CRLNumber 7, where no other extensions are wanted. */
  made(parts?: Partial<CRLParts>): Buffer;
  /** Reads one as an import does. */
  read(crl: Uint8Array, issuer?: Uint8Array): ReadForeignCRL;
  /** What `vouch crl verify` has against one. */
  verified(crl: Uint8Array, issuerFile?: string): Promise<string[]>;
}

export function openHandMaker(name: string): HandMaker {
  const pki = makePki({ algorithm: "ec", leaves: 0, name });
  const key = createPrivateKey(readFileSync(pki.caKey));
  const der = certificateOf(pki.caCertificate);
  const { subject } = readCertificate(der);
  return {
    pki,
    subject,
    made: (parts = {}) =>
      handMadeCRL({ issuer: subject, key, extensions: [crlNumber()], ...parts }),
    read: (crl, issuer = der) => {
      const reader = new ForeignCRLReader(issuer, () => undefined);
      reader.push(crl);
      return reader.end();
    },
    verified: async (crl, issuer = pki.caCertificate) => {
      const file = join(pki.folder, "made.crl");
      writeFileSync(file, crl);
      const { json } = await vouch(["crl", "verify", file, "--issuer", issuer], { json: true });
      return json.problems.map(
        ({ where, problem }: Record<string, string>) => `${where}: ${problem}`,
      );
    },
  };
}

/** The DER of a certificate's PEM file. */
export function certificateOf(file: string): Buffer {
  const [block] = pemBlocks(readFileSync(file));
  if (!block || !("der" in block)) throw new Error(file);
  return Buffer.from(block.der);
}
