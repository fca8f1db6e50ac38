import type { CRLKinds } from "../crl/scope.ts";
import type { Archive, IssuerParts, SignerParts } from "../ocsp/template.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { StoreReader, Transaction } from "./store.ts";

/** What a responder needs of an issuer besides its records; written by the authority, without keys' paths. */
export interface ServedIssuer {
  readonly name: string;
  readonly number: number;
  readonly certificate: Uint8Array;
  readonly parts: IssuerParts;
  /** All whose answers may be in the store. */
  readonly signers: readonly SignerParts[];
  readonly validitySeconds: number;
  readonly backdateSeconds: number;
  readonly unissued: "unauthorized" | "unknown" | "revoked";
  readonly nonce: "live" | "ignore";
  readonly archive: Archive;
  /** Paths of the CA certificate, `/ca/NAME.cer` first. */
  readonly certificatePaths: readonly string[];
  /** Paths of the full CRL, `/crl/NAME.crl` first; none where there is no CRL. Those of the others follow from them. */
  readonly crlPaths: readonly string[];
  readonly crlKinds: CRLKinds;
  /** Where the status of its certificates comes from. */
  readonly source: "issued" | "crl";
}

/** All that the authority tells responders; `generation` rises with each change of it. */
export interface ServiceView {
  readonly generation: number;
  readonly issuers: readonly ServedIssuer[];
}

const NAME = "serviceView";
const GENERATION = "serviceGeneration";

/** Replaces what responders know, as part of a change; they look for a new generation. */
export function writeServiceView(transaction: Transaction, issuers: readonly ServedIssuer[]): void {
  const generation = (readSetting<number>(transaction, GENERATION) ?? 0) + 1;
  transaction.put("settings", Buffer.from(NAME), encode({ generation, issuers }));
  writeSetting(transaction, GENERATION, generation);
}

/** Counts a change of what is published besides records (a new CRL), so that responders look. */
export function nextGeneration(transaction: Transaction): void {
  writeSetting(transaction, GENERATION, (readSetting<number>(transaction, GENERATION) ?? 0) + 1);
}

/** The generation that is in force, or 0 before the authority first ran. */
export function readGeneration(store: StoreReader): number {
  return readSetting<number>(store, GENERATION) ?? 0;
}

/** What the authority last wrote for responders, or nothing before it first ran. */
export function readServiceView(
  store: Pick<StoreReader, "get"> | Transaction,
): ServiceView | undefined {
  const octets = store.get("settings", Buffer.from(NAME));
  return octets && decode(octets);
}

/** JSON, in which octets are `{"der":"base64"}`. */
function encode(view: ServiceView): Buffer {
  return Buffer.from(
    JSON.stringify(view, (_, value: unknown) => {
      if (isBufferJson(value)) return { der: Buffer.from(value.data).toString("base64") };
      return value instanceof Uint8Array ? { der: Buffer.from(value).toString("base64") } : value;
    }),
  );
}

function decode(octets: Buffer): ServiceView {
  return JSON.parse(octets.toString("utf8"), (_, value: unknown) =>
    isDer(value) ? Buffer.from(value.der, "base64") : value,
  ) as ServiceView;
}

// JSON.stringify calls Buffer's toJSON before the replacer sees it.
function isBufferJson(value: unknown): value is { type: "Buffer"; data: number[] } {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";
}

function isDer(value: unknown): value is { der: string } {
  return typeof value === "object" && value !== null && "der" in value;
}
