/** What `/readyz` says; 200 where `ready`, else 503. */
export interface Readiness {
  readonly ready: boolean;
  readonly issuers: readonly {
    readonly issuer: string;
    readonly ready: boolean;
    readonly reason: string | null;
  }[];
}

/** Ready when every issuer is. */
export function readinessOf(issuers: Readiness["issuers"]): Readiness {
  return { ready: issuers.every((issuer) => issuer.ready), issuers };
}
