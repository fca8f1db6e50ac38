import { createHash, createPublicKey } from "node:crypto";
import { ForgivingReader } from "../der/forgiving-reader.ts";
import { sameOctets } from "../der/oids.ts";
import { DerError } from "../der/reader.ts";
import { rfc3339 } from "../der/time.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { keyUsage, subjectKeyIdentifier } from "../x509/extensions.ts";
import { nameText } from "../x509/name.ts";
import { PemStream } from "../x509/pem-stream.ts";
import { CRLReason } from "../x509/reason.ts";
import { sameName } from "../x509/same-name.ts";
import { LONGEST_SERIAL_NUMBER, serialNumberText } from "../x509/serial-number.ts";
import { StreamedSignature } from "../x509/streamed-signature.ts";
import {
  CertificateListStream,
  type CRLSummary,
  type CRLVisitor,
} from "./certificate-list-stream.ts";
import type { ListedEntry } from "./entry-reader.ts";
import { EntryPacker } from "./packed-entries.ts";

/** A CRL that was read whole and that the issuer made: name, key and signature are its own. */
export interface ReadForeignCRL {
  readonly summary: CRLSummary;
  /** Its entries in the order of the store, for `unpackEntries`. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** Of the DER, lower-case hexadecimal. */
  readonly sha256: string;
  /** Octets of the DER. */
  readonly bytes: number;
}

/** What a thread that reads a CRL is told. */
export interface CRLReading {
  /** DER or PEM. */
  readonly file: string;
  /** The CA's certificate in DER. */
  readonly issuer: Uint8Array;
  /** Where a copy in DER is left, on disk. */
  readonly copy: string;
}

/** What it says. */
export type CRLReadingResult = { readonly crl: ReadForeignCRL } | { readonly bad: string };

/** What is wrong with a CRL, in the operator's words; as `DerError` for what is no CRL at all. */
class BadCRL extends Error {
  override name = "BadCRL";
}

const DER_SEQUENCE = 0x30;

/**
 * Reads a CRL in DER or PEM, that another made, as it comes: as a `ForgivingReader` does, hashing as it goes, and
 * keeping of each entry about 29 octets. What cannot be used is a `DerError` or `BadCRL`.
 */
export class ForeignCRLReader {
  readonly #issuer: Certificate;
  readonly #onDer: (der: Uint8Array) => void;
  readonly #entries = new EntryPacker();
  readonly #hash = createHash("sha256");
  readonly #list: CertificateListStream;
  #signature: StreamedSignature | undefined;
  #pem: PemStream | undefined;
  #bytes = 0;
  #isBegun = false;
  #removal: string | undefined;

  /** `issuer` is the CA's certificate in DER; `onDer` gets the CRL's DER as it comes, before it is known to be good. */
  constructor(issuer: Uint8Array, onDer: (der: Uint8Array) => void) {
    this.#issuer = readCertificate(issuer);
    this.#onDer = onDer;
    const key = createPublicKey({
      key: Buffer.from(this.#issuer.subjectPublicKeyInfo),
      format: "der",
      type: "spki",
    });
    const visitor: CRLVisitor = {
      onHead: ({ issuer: maker, signatureAlgorithm }) => {
        this.#checkIssuer(maker);
        this.#signature = new StreamedSignature(signatureAlgorithm, key);
      },
      onSigned: (octets) => this.#signature?.update(octets),
      onEntry: (entry) => this.#add(entry),
    };
    this.#list = new CertificateListStream(visitor, ForgivingReader);
  }

  /** Takes the next octets of the file; their buffer may be used again after the call. */
  push(octets: Uint8Array): void {
    if (octets.length === 0) return;
    if (!this.#isBegun && octets[0] !== DER_SEQUENCE) {
      this.#pem = new PemStream("X509 CRL", (der) => this.#take(der));
    }
    this.#isBegun = true;
    if (this.#pem) this.#pem.push(octets);
    else this.#take(octets);
  }

  /** To be called after the last octets. */
  end(): ReadForeignCRL {
    this.#pem?.end();
    const summary = this.#list.end();
    this.#checkKey(summary);
    this.#checkSignature(summary);
    if (this.#removal !== undefined && summary.baseCRLNumber === undefined) {
      throw new BadCRL(
        `it is a full CRL, and lists ${this.#removal} as removeFromCRL, which only a delta may (RFC 5280 5.3.1)`,
      );
    }
    const sorted = this.#entries.sorted();
    if ("twice" in sorted) {
      throw new BadCRL(`it lists ${serialNumberText(sorted.twice)} twice`);
    }
    const sha256 = this.#hash.digest("hex");
    return { summary, packed: sorted.packed, sha256, bytes: this.#bytes };
  }

  #take(der: Uint8Array): void {
    this.#hash.update(der);
    this.#bytes += der.length;
    this.#list.push(der);
    this.#onDer(der);
  }

  #add(entry: ListedEntry): void {
    const { serialNumber, revocationDate, invalidityDate = 1, reason } = entry;
    if (serialNumber.length > LONGEST_SERIAL_NUMBER) {
      throw new BadCRL(
        `it lists a serial number of ${serialNumber.length} octets; no CA may give one of over 20`,
      );
    }
    if (revocationDate < 0 || invalidityDate < 0) {
      const date = rfc3339(Math.min(revocationDate, invalidityDate));
      throw new BadCRL(`the entry of ${serialNumberText(serialNumber)} is of ${date}, before 1970`);
    }
    if (reason === CRLReason.removeFromCRL) this.#removal ??= serialNumberText(serialNumber);
    this.#entries.add(entry);
  }

  #checkIssuer(issuer: Uint8Array): void {
    const { subject } = this.#issuer;
    if (!sameName(issuer, subject)) {
      throw new BadCRL(`it is a CRL of "${nameText(issuer)}", not of "${nameText(subject)}"`);
    }
    if (keyUsage(this.#issuer)?.has("cRLSign") === false) {
      throw new BadCRL("the keyUsage of this CA's certificate lacks cRLSign (RFC 5280 6.3.3 f)");
    }
  }

  /** Before the signature, which of a CRL of another key would only not verify. */
  #checkKey({ authorityKeyIdentifier }: CRLSummary): void {
    const named = authorityKeyIdentifier?.keyIdentifier;
    const own = subjectKeyIdentifier(this.#issuer);
    if (!named || !own || sameOctets(named, own)) return;
    throw new BadCRL(
      "its authorityKeyIdentifier names another key than this CA's: it is of an earlier or later key",
    );
  }

  #checkSignature({ signature, signatureAlgorithm }: CRLSummary): void {
    switch (this.#signature?.verdict(signature)) {
      case "verified":
        return;
      case "unknownAlgorithm":
        throw new BadCRL(
          `its signature algorithm is not known here (${Buffer.from(signatureAlgorithm).toString("hex")})`,
        );
      default:
        throw new BadCRL("its signature does not verify with this CA's key");
    }
  }
}

/** Whether this is what reading a CRL fails with for what the file holds. */
export function isBadCRL(error: unknown): error is Error {
  return error instanceof BadCRL || error instanceof DerError;
}
