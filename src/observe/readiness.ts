/** What `/readyz` says; 200 where `ready`, else 503. */
export interface Readiness {
  readonly ready: boolean;
  readonly issuers: readonly {
    readonly issuer: string;
    readonly ready: boolean;
    readonly reason: string | null;
  }[];
  /** What will make it unready unless somebody does something, with what to do; left out where there is none. */
  readonly warnings?: readonly string[];
}

/** Ready when every issuer is. */
export function readinessOf(issuers: Readiness["issuers"], warnings: readonly string[]): Readiness {
  const ready = issuers.every((issuer) => issuer.ready);
  return { ready, issuers, ...(warnings.length > 0 && { warnings }) };
}
