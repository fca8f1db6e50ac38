import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "./free-port.ts";
import type { Pki } from "./openssl-pki.ts";

/** One issuer of a configuration; `ocsp` and `crl` are added to what every test needs. */
export interface IssuerSetup {
  readonly name: string;
  readonly pki: Pki;
  readonly ocsp?: Readonly<Record<string, unknown>>;
  /** `false`: no CRL. */
  readonly crl?: Readonly<Record<string, unknown>> | false;
  /** More keys of the issuer: `paths`, `hold`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Where a daemon listens and keeps its files. */
export interface Places {
  readonly folder: string;
  /** The configuration file. */
  readonly config: string;
  readonly data: string;
  readonly admin: string;
  readonly liveSign: string;
  readonly publicPort: number;
  readonly opsPort: number;
}

/** Chooses free ports, and paths in this folder. */
export async function choosePlaces(folder: string): Promise<Places> {
  return {
    folder,
    config: join(folder, "vouch.yaml"),
    data: join(folder, "var"),
    admin: join(folder, "admin.sock"),
    liveSign: join(folder, "live-sign.sock"),
    publicPort: await freePort(),
    opsPort: await freePort(),
  };
}

/** A whole configuration, as the YAML file has it. */
export type VouchDocument = Record<string, unknown>;

/** The configuration for these issuers, with more keys (those of `public` beside http); the rest is left to Vouch's defaults. */
export function vouchDocument(
  places: Places,
  issuers: readonly IssuerSetup[],
  more: VouchDocument = {},
): VouchDocument {
  const { public: listeners = {}, ...others } = more;
  return {
    data: places.data,
    public: { http: `127.0.0.1:${places.publicPort}`, ...(listeners as object) },
    ops: `127.0.0.1:${places.opsPort}`,
    admin: places.admin,
    liveSign: places.liveSign,
    responders: 1,
    signingThreads: 1,
    issuers: issuers.map(issuerDocument),
    ...others,
  };
}

function issuerDocument({ name, pki, ocsp = {}, crl = {}, more = {} }: IssuerSetup): VouchDocument {
  const crlSigner = { certificate: pki.caCertificate, key: pki.caKey };
  return {
    name,
    certificate: pki.caCertificate,
    ...more,
    ocsp: { signers: [pki.signer], ...ocsp },
    ...(crl === false ? {} : { crl: { signer: crlSigner, ...crl } }),
  };
}

/** Writes a configuration file; text is written as it stands. */
export function writeVouchFile(file: string, document: VouchDocument | string): void {
  writeFileSync(file, typeof document === "string" ? document : stringify(document));
}
