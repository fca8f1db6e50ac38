import type { HashName } from "../ocsp/hash.ts";
import { PRESIGNED_HASHES, type PresignedHash } from "../ocsp/record.ts";
import type { CertID } from "../ocsp/request.ts";
import { type AnswerTemplate, answerTemplate } from "../ocsp/template.ts";
import { readGeneration, readServiceView, type ServedIssuer } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { PublishedPaths } from "./published-paths.ts";

/** An issuer with the templates of its answers. */
export interface AnsweringIssuer extends ServedIssuer {
  /** By the signer's number; nothing for a number that is not known. */
  template(signer: number, hash: PresignedHash): AnswerTemplate | undefined;
}

/** What a responder serves: read from the store, and read anew when the authority has changed it. */
export class Served {
  readonly #store: StoreReader;
  readonly #crlFolder: string;
  #generation = 0;
  #issuers: readonly AnsweringIssuer[] = [];
  #byHashes: ReadonlyMap<string, AnsweringIssuer> = new Map();
  #files: PublishedPaths;

  constructor(store: StoreReader, crlFolder: string) {
    this.#store = store;
    this.#crlFolder = crlFolder;
    this.#files = new PublishedPaths(store, crlFolder, []);
  }

  /** Whether the authority has ever said what to serve. */
  get isKnown(): boolean {
    return this.#generation > 0;
  }

  get issuers(): readonly AnsweringIssuer[] {
    return this.#issuers;
  }

  /** Paths to the files that they stand for. */
  get files(): PublishedPaths {
    return this.#files;
  }

  /** The issuer that a CertID names: both hashes have to be its own (RFC 6960 4.1.1). */
  issuerOf(certID: CertID): AnsweringIssuer | undefined {
    if (!certID.hash) return undefined;
    return this.#byHashes.get(hashesKey(certID.hash, certID.issuerNameHash, certID.issuerKeyHash));
  }

  /** Looks whether the authority has changed anything, and if so reads it. */
  refresh(): void {
    this.#store.refresh();
    const generation = readGeneration(this.#store);
    if (generation === this.#generation) return;
    const view = readServiceView(this.#store);
    if (!view) return;
    this.#issuers = view.issuers.map(withTemplates);
    this.#byHashes = new Map(this.#issuers.flatMap(hashEntries));
    this.#files = new PublishedPaths(this.#store, this.#crlFolder, this.#issuers);
    this.#generation = generation;
  }
}

function withTemplates(issuer: ServedIssuer): AnsweringIssuer {
  const templates = new Map(
    issuer.signers.map((signer) => [
      signer.number,
      Object.fromEntries(
        PRESIGNED_HASHES.map((hash) => [hash, answerTemplate(issuer.parts, signer, hash)]),
      ) as Record<PresignedHash, AnswerTemplate>,
    ]),
  );
  return { ...issuer, template: (signer, hash) => templates.get(signer)?.[hash] };
}

function hashEntries(issuer: AnsweringIssuer): [string, AnsweringIssuer][] {
  const { nameHash, keyHash } = issuer.parts;
  return (Object.keys(nameHash) as HashName[]).map((hash) => [
    hashesKey(hash, nameHash[hash], keyHash[hash]),
    issuer,
  ]);
}

function hashesKey(hash: HashName, nameHash: Uint8Array, keyHash: Uint8Array): string {
  return hash + latin1(nameHash) + latin1(keyHash);
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}
