import { sameOctets } from "../der/oids.ts";
import type { HashName } from "../ocsp/hash.ts";
import { PRESIGNED_HASHES, type PresignedHash } from "../ocsp/record.ts";
import type { CertID } from "../ocsp/request.ts";
import type { SingleRequest } from "../ocsp/single-request.ts";
import { type AnswerTemplate, answerTemplate } from "../ocsp/template.ts";
import { readGeneration, readServiceView, type ServedIssuer } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { PublishedPaths } from "./published-paths.ts";

/** An issuer with the templates of its answers. */
export interface AnsweringIssuer extends ServedIssuer {
  /** By the signer's number; nothing for a number that is not known. */
  template(signer: number, hash: PresignedHash): AnswerTemplate | undefined;
}

/** An issuer under the two hashes that CertIDs name it by. */
interface HashedIssuer {
  readonly nameHash: Uint8Array;
  readonly keyHash: Uint8Array;
  readonly issuer: AnsweringIssuer;
}

/** How often a responder looks whether the authority has changed what is served. */
export const LOOK_MS = 50;

/** What a responder serves: read from the store, and read anew when the authority has changed it. */
export class Served {
  readonly #store: StoreReader;
  readonly #crlFolder: string;
  #generation = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #issuers: readonly AnsweringIssuer[] = [];
  #byHash: Readonly<Record<HashName, readonly HashedIssuer[]>> = byHash([]);
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

  /** Whether a path of a file looks like an OCSP request. */
  get hasRequestLikePath(): boolean {
    return this.#files.hasRequestLike;
  }

  /** The issuer that a CertID names: both hashes have to be its own (RFC 6960 4.1.1). */
  issuerOf(certID: CertID): AnsweringIssuer | undefined {
    if (!certID.hash) return undefined;
    const { issuerNameHash, issuerKeyHash } = certID;
    return this.#byHash[certID.hash].find(
      ({ nameHash, keyHash }) =>
        sameOctets(nameHash, issuerNameHash) && sameOctets(keyHash, issuerKeyHash),
    )?.issuer;
  }

  /** The same for a request of the plain shape. */
  issuerOfSingle(request: SingleRequest): AnsweringIssuer | undefined {
    for (const { nameHash, keyHash, issuer } of this.#byHash[request.hash]) {
      if (isAt(request.octets, request.keyHashAt, keyHash)) {
        if (isAt(request.octets, request.nameHashAt, nameHash)) return issuer;
      }
    }
    return undefined;
  }

  /**
   * Looks where the last look is so long ago that the authority takes it for done: a process that was kept from
   * running gets to requests before it gets to its timers.
   */
  refreshIfLate(): void {
    if (performance.now() - this.#lookedAt >= LOOK_MS) this.refresh();
  }

  /** Looks whether the authority has changed anything, and if so reads it. */
  refresh(): void {
    this.#lookedAt = performance.now();
    this.#store.refresh();
    const generation = readGeneration(this.#store);
    if (generation === this.#generation) return;
    const view = readServiceView(this.#store);
    if (!view) return;
    this.#issuers = view.issuers.map(withTemplates);
    this.#byHash = byHash(this.#issuers);
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

function byHash(
  issuers: readonly AnsweringIssuer[],
): Readonly<Record<HashName, readonly HashedIssuer[]>> {
  const hashed = (hash: HashName): HashedIssuer[] =>
    issuers.map((issuer) => ({
      nameHash: issuer.parts.nameHash[hash],
      keyHash: issuer.parts.keyHash[hash],
      issuer,
    }));
  return {
    sha1: hashed("sha1"),
    sha224: hashed("sha224"),
    sha256: hashed("sha256"),
    sha384: hashed("sha384"),
    sha512: hashed("sha512"),
  };
}

function isAt(octets: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (octets[at + i] !== wanted[i]) return false;
  return true;
}
