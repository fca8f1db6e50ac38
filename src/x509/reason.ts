/** CRLReason by its name in RFC 5280 5.3.1, to its number. 7 is not used. */
export const CRLReason = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** A reason's name, in RFC 5280's spelling. */
export type ReasonName = keyof typeof CRLReason;

/** A reason's number, as in CRLs and OCSP. */
export type ReasonCode = (typeof CRLReason)[ReasonName];

const names = Object.keys(CRLReason) as ReasonName[];

/** The reason that is written so, whatever the case, or nothing. */
export function parseReason(text: string): ReasonName | undefined {
  return names.find((name) => name.toLowerCase() === text.toLowerCase());
}

/** The name of a reason's number, or nothing when RFC 5280 has none for it. */
export function reasonName(code: number): ReasonName | undefined {
  return names.find((name) => CRLReason[name] === code);
}

/** The reasons a certificate may be revoked with; hold and its release have commands of their own. */
export const REVOCATION_REASONS: readonly ReasonName[] = names.filter(
  (name) => name !== "certificateHold" && name !== "removeFromCRL",
);
