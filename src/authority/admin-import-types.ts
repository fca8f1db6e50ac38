import type { ReasonName } from "../x509/reason.ts";

/* What commands that bring certificates and the authority say to each other: see admin-types.ts. */

/** One certificate of an import, from whatever format. */
export interface ImportRow {
  readonly serialNumber: string;
  /** Null where the source does not say: kept as it is, or for ever. */
  readonly notAfter: string | null;
  /** Left out where the source does not say. It is not kept, and bounds the first answer's thisUpdate. */
  readonly notBefore?: string | undefined;
  readonly status: "good" | "revoked" | "hold";
  readonly reason: ReasonName | null;
  readonly revocationDate: string | null;
  readonly invalidityDate: string | null;
  /** A certificate says only that it was issued: a revocation that is known stands beside it. */
  readonly claims?: "issuance" | undefined;
  /** Where it came from, for `bad`. */
  readonly file: string;
  readonly line: number;
}

/** At most 1,000 rows, sorted by the octets of their serial number, none twice. */
export interface ImportBatch {
  readonly rows: readonly ImportRow[];
  readonly by: string;
  /** Tell what would be, change nothing. */
  readonly dryRun: boolean;
}

/** A line that cannot be imported. For certificates, `line` is the number of the certificate's first line (1 in DER). */
export interface BadLine {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface ImportReport {
  readonly read: number;
  readonly added: number;
  readonly unchanged: number;
  readonly changed: number;
  readonly bad: readonly BadLine[];
}

/**
 * A part of the CA's list, sorted by the octets of serial numbers, none twice, and between which two it lies:
 * after `after` up to and with `until`, null for the ends of all.
 */
export interface ReconcileBatch {
  readonly after: string | null;
  readonly until: string | null;
  /** Status null: the list says only that the certificate was issued. */
  readonly rows: readonly { serialNumber: string; status: "good" | "revoked" | "hold" | null }[];
}

/** What differs in a part; of each kind all are counted, and the first thousand named. */
export interface ReconcilePart {
  readonly records: number;
  readonly missingHere: { readonly count: number; readonly named: readonly string[] };
  readonly missingThere: { readonly count: number; readonly named: readonly string[] };
  readonly differing: {
    readonly count: number;
    readonly named: readonly { serialNumber: string; here: string; there: string }[];
  };
}

/** What differs in all, for the metrics. */
export interface Reconciled {
  readonly missingHere: number;
  readonly missingThere: number;
  readonly differing: number;
}

/** What importing a CRL came to. */
export interface CRLImportReport extends ImportReport {
  /** What the operator should know although it was imported. */
  readonly warnings: readonly string[];
}
