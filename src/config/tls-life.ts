/** A TLS certificate that expires sooner is to be renewed: `vouch check`, `/readyz` and `vouch stats` say so. */
export const RENEW_WITHIN_SECONDS: number = 14 * 86_400;
