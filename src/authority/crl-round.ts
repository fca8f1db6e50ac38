import type { CrlConfig } from "../config/config.ts";
import { crlKinds } from "../config/crl-names.ts";
import { nextCRLNumber } from "../crl/crl-number.ts";
import { type CRLScope, crlScopes, scopeName } from "../crl/scope.ts";
import { END_OF_TIME, type UnixSeconds } from "../der/time.ts";
import type { CRLJob } from "../signing/jobs.ts";
import type { CRLRow } from "../store/crl-rows.ts";
import { readSetting } from "../store/settings.ts";
import { CRLReason, type ReasonCode } from "../x509/reason.ts";
import type { IssueRequest } from "./admin-crl-types.ts";
import type { CRLHistory } from "./crl-history.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/** CRLs that are made together: from one state of the store, with one number and time (RFC 5280 5.2.3). */
export interface Round {
  readonly issuer: Issuer;
  readonly crl: CrlConfig;
  readonly order: IssueRequest;
  readonly crlNumber: bigint;
  readonly thisUpdate: UnixSeconds;
  /** The CRL that each follows. */
  readonly previous: ReadonlyMap<CRLScope, CRLRow | undefined>;
  /** Whether certificates may stand on it as suspended. */
  readonly listsHolds: boolean;
}

/** A delta outlives this many of its successors that do not come. */
const DELTA_LIVES = 3;

/** Gives a round its number and time: above and not before all that was published, whatever the clock says. */
export async function startRound(
  desk: Desk,
  history: CRLHistory,
  issuer: Issuer,
  crl: CrlConfig,
  order: IssueRequest,
): Promise<Round> {
  const previous = new Map<CRLScope, CRLRow | undefined>();
  for (const scope of crlScopes(crlKinds(crl))) {
    previous.set(scope, await history.previous(issuer, scope));
  }
  const rows = [...previous.values()].filter((row) => row !== undefined);
  const thisUpdate = rows.reduce((latest, row) => Math.max(latest, row.thisUpdate), desk.clock());
  const kept = readSetting<string>(desk.store, counterName(issuer));
  const numbers = [kept, ...rows.map(({ crlNumber }) => crlNumber)].flatMap((number) =>
    number === undefined ? [] : BigInt(number),
  );
  const last = numbers.reduce<bigint | undefined>(
    (highest, number) => (highest === undefined || number > highest ? number : highest),
    undefined,
  );
  const crlNumber = nextCRLNumber(last, thisUpdate);
  const listsHolds = issuer.config.hold || hasHolds(desk, issuer);
  return { issuer, crl, order, crlNumber, thisUpdate, previous, listsHolds };
}

/** What was on hold when the switch was turned off stays so, and has to stay listed. */
function hasHolds({ census, clock }: Desk, { number }: Issuer): boolean {
  return !census.isComplete || census.counts(number, clock()).hold > 0;
}

/** The setting that keeps the last number of an issuer, which all its CRLs share. */
export function counterName({ number }: Issuer): string {
  return `crlNumber ${number} full`;
}

/** Until when a CRL of the round is in force. */
export function nextUpdateOf({ crl, order, thisUpdate }: Round, scope: CRLScope): UnixSeconds {
  if (order.ends === "last") return END_OF_TIME;
  const { validitySeconds, deltaSeconds = validitySeconds } = crl;
  const life = scope === "delta" ? DELTA_LIVES * deltaSeconds : validitySeconds;
  return thisUpdate + Math.min(life, validitySeconds);
}

type Kind = Pick<
  CRLJob,
  | "thisUpdate"
  | "nextUpdate"
  | "crlNumber"
  | "expiredCertsOnCRL"
  | "baseCRLNumber"
  | "issuingDistributionPoint"
  | "freshestCRL"
  | "moreReasons"
>;

/** What a CRL of the round says of itself. `base` is the number of a delta's base. */
export function kindOf(round: Round, scope: CRLScope, base: bigint | undefined): Kind {
  const { issuer, crl, thisUpdate, crlNumber, listsHolds } = round;
  const url = crl.url ?? "";
  const isDelta = scope === "delta";
  const isShard = scope !== "full" && !isDelta;
  const hold: ReasonCode[] = listsHolds ? [CRLReason.certificateHold] : [];
  return {
    thisUpdate,
    nextUpdate: nextUpdateOf(round, scope),
    crlNumber,
    expiredCertsOnCRL: crl.keepExpired ? issuer.certificate.notBefore : undefined,
    baseCRLNumber: base,
    issuingDistributionPoint: isShard ? scopeName(url, scope) : undefined,
    freshestCRL:
      scope === "full" && crl.deltaSeconds !== undefined ? scopeName(url, "delta") : undefined,
    moreReasons: isDelta ? [...hold, CRLReason.removeFromCRL] : hold,
  };
}
