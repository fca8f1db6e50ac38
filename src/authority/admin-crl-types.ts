/* What commands on CRLs and the authority say to each other: see admin-types.ts. */

/** Which CRLs to issue; the answer begins with the full one, or with the delta where only that is asked for. */
export interface IssueRequest {
  readonly by: string;
  readonly kinds: "all" | "delta";
  /** Why to publish what the gate would refuse, or null. */
  readonly force: string | null;
  /** `last`: in force for ever, and none is issued after them. */
  readonly ends: "inTime" | "last";
}

/** One CRL that was made here or imported, as `crl list` and `crl issue` print it. */
export interface PublishedCRL {
  readonly issuer: string;
  readonly scope: string;
  /** Decimal. */
  readonly crlNumber: string;
  readonly baseCRLNumber: string | null;
  readonly thisUpdate: string;
  readonly nextUpdate: string;
  readonly entries: number;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Absolute. */
  readonly file: string;
  /** Why it was not published, or null. */
  readonly refused: string | null;
}

/** A CRL as `crl list` prints it. Of one that was brought and is not used, what it does not say is null. */
export interface ListedCRL
  extends Pick<PublishedCRL, "issuer" | "scope" | "baseCRLNumber" | "file" | "refused"> {
  readonly crlNumber: string | null;
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  readonly entries: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
}
