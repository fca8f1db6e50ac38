import { type CRLScope, crlScopePaths, crlScopes, splitNumberedName } from "../crl/scope.ts";
import { publishedCRL, readCRLRow } from "../store/crl-rows.ts";
import type { ServedIssuer } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { certificateFile, crlFile, numberedCRLFile, type PublishedFile } from "./published-file.ts";
import { isRequestLike } from "./request-target.ts";

/** Which CRL of which issuer, by its number in the store. */
interface Distributed {
  readonly issuer: number;
  readonly scope: CRLScope;
}

/**
 * What stands at each path. CRLs are looked up in the store when they are asked for: an issuer may have
 * thousands of shards, and each of them is published by itself.
 */
export class PublishedPaths {
  readonly #store: StoreReader;
  readonly #folder: string;
  readonly #certificates: ReadonlyMap<string, PublishedFile>;
  readonly #crls: ReadonlyMap<string, Distributed>;
  /** Whether a path looks like an OCSP request. */
  readonly hasRequestLike: boolean;
  /** Those that were asked for, until something new may have been published. */
  readonly #newest = new Map<Distributed, PublishedFile | undefined>();

  /** `folder` is that of all CRLs. */
  constructor(store: StoreReader, folder: string, issuers: readonly ServedIssuer[]) {
    this.#store = store;
    this.#folder = folder;
    this.#certificates = new Map(issuers.flatMap(certificateEntries));
    this.#crls = new Map(issuers.flatMap(crlEntries));
    this.hasRequestLike = [...this.#certificates.keys(), ...this.#crls.keys()].some(isRequestLike);
  }

  /** What is served at a path, as it stands in a request line. */
  get(path: string): PublishedFile | undefined {
    const crl = this.#crls.get(path);
    return crl ? this.#newestOf(crl) : (this.#certificates.get(path) ?? this.#numbered(path));
  }

  #newestOf(crl: Distributed): PublishedFile | undefined {
    if (this.#newest.has(crl)) return this.#newest.get(crl);
    const row = publishedCRL(this.#store, crl.issuer, crl.scope);
    const file = row && crlFile(row, this.#folder);
    this.#newest.set(crl, file);
    return file;
  }

  #numbered(path: string): PublishedFile | undefined {
    // Most paths are OCSP requests.
    const split = path.endsWith(".crl") ? splitNumberedName(path) : undefined;
    const crl = split && this.#crls.get(split.name);
    if (!crl) return undefined;
    const row = readCRLRow(this.#store, crl.issuer, crl.scope, split.crlNumber);
    return row?.refused === null ? numberedCRLFile(row, this.#folder) : undefined;
  }
}

function certificateEntries(issuer: ServedIssuer): [string, PublishedFile][] {
  const file = certificateFile(issuer.certificate);
  return issuer.certificatePaths.map((path) => [path, file]);
}

function crlEntries(issuer: ServedIssuer): [string, Distributed][] {
  const scopes = issuer.crlPaths.length > 0 ? crlScopes(issuer.crlKinds) : [];
  return scopes.flatMap((scope) => {
    const crl = { issuer: issuer.number, scope };
    return crlScopePaths(issuer.crlPaths, scope).map((path): [string, Distributed] => [path, crl]);
  });
}
