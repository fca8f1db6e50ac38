/** Hash algorithms of a CertID that answers are pre-signed for. */
export type PresignedHash = "sha1" | "sha256";

/** One delegated (or direct) signer: the certificate's file and the key's file, both absolute. */
export interface SignerConfig {
  readonly certificate: string;
  readonly key: string;
}

export interface OcspConfig {
  readonly signers: readonly SignerConfig[];
  readonly hashes: readonly PresignedHash[];
  readonly validitySeconds: number;
  readonly backdateSeconds: number;
  readonly unissued: "unauthorized" | "unknown" | "revoked";
  readonly nonce: "live" | "ignore";
  /** Answers after a certificate's expiry: for ever, or this long. */
  readonly archive: "forever" | number;
}

export interface CrlConfig {
  /** Absent: this issuer's CRLs are imported. */
  readonly signer: SignerConfig | undefined;
  readonly validitySeconds: number;
  readonly everySeconds: number;
  /** 0 = never. */
  readonly onRevocationSeconds: number;
  readonly leastIntervalSeconds: number;
  readonly deltaSeconds: number | undefined;
  readonly shards: number;
  readonly keepExpired: boolean;
  /** How many CRLs of each scope stay under the paths with their numbers, or how long. */
  readonly keep: { readonly count: number } | { readonly seconds: number };
  readonly url: string | undefined;
  /** More paths that the same CRL is served under; each begins with "/". */
  readonly paths: readonly string[];
}

export interface IssuerConfig {
  readonly name: string;
  /** The CA certificate's file, absolute. */
  readonly certificate: string;
  readonly source: "issued" | "crl";
  readonly hold: boolean;
  /** More paths that the CA certificate is served under. */
  readonly paths: readonly string[];
  readonly ocsp: OcspConfig;
  readonly crl: CrlConfig | undefined;
}

/** An address to listen on; an IPv6 host has no brackets here. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** TLS for the public service. */
export interface HttpsConfig {
  readonly listen: ListenAddress;
  readonly certificate: string;
  readonly key: string;
}

/** The whole configuration file: checked, defaults filled in, paths absolute, durations in seconds, frozen. */
export interface Config {
  /** The file it was read from, absolute. */
  readonly file: string;
  readonly data: string;
  readonly public: {
    readonly http: ListenAddress;
    readonly https: HttpsConfig | undefined;
    readonly trustedProxies: readonly string[];
  };
  readonly ops: ListenAddress;
  readonly admin: string;
  readonly liveSign: string;
  readonly responders: number;
  readonly signingThreads: number;
  readonly issuers: readonly IssuerConfig[];
}

/** One thing wrong, in the operator's words: where it stands, what it is, what to do about it. */
export interface Problem {
  readonly where: string;
  readonly problem: string;
  readonly do: string;
}
