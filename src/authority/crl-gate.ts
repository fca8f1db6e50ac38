import { setImmediate } from "node:timers/promises";
import { recordVersion } from "../ocsp/record.ts";
import type { CRLDifference } from "../signing/jobs.ts";
import { unpackChunks } from "../signing/packing.ts";
import type { CRLRow } from "../store/crl-rows.ts";
import { readJournal } from "../store/journal.ts";
import { recordKey } from "../store/keys.ts";
import type { StoreReader } from "../store/store.ts";
import { CRLReason } from "../x509/reason.ts";
import { type SerialNumber, serialNumberFromDer, serialNumberText } from "../x509/serial-number.ts";
import { wasListedExpired } from "./crl-content.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";

/** Fewer entries than this may leave at once whatever share of the CRL they are. */
const FEW = 1_000;
const STEP_REMOVALS = 1_000;

/** A CRL that lists the state of the store at `sequence`, and the one before it. */
export interface Succession {
  readonly previous: CRLRow;
  readonly sequence: number;
}

/** What the gate says of a complete CRL that has passed its proof. */
export interface GateVerdict {
  /** Why it may not be published, or null. */
  readonly refused: string | null;
  /** Those that left since they had expired while on hold, in hexadecimal. */
  readonly endedHolds: readonly string[];
}

/**
 * Whether a complete CRL may follow the previous one. Each entry that left is accounted for: its hold was
 * released, or it had been listed once after its certificate's expiry (RFC 5280 3.3). No more entries came
 * than the journal has events, but for what had expired where that is listed anew, and not most of them left at once.
 */
export async function judgeComplete(
  desk: Pick<Desk, "store">,
  issuer: Issuer,
  succession: Succession,
  { added, removed }: CRLDifference,
): Promise<GateVerdict> {
  const left: Record<WhyLeft, string[]> = { early: [], endedHold: [], expired: [], released: [] };
  let count = 0;
  for (const { key, value } of unpackChunks(removed)) {
    if (count++ % STEP_REMOVALS === 0) {
      await setImmediate();
      desk.store.refresh();
    }
    const serialNumber = serialNumberFromDer(key);
    const why = whyLeft(desk.store, issuer, succession, serialNumber, value[0] as number);
    left[why].push(serialNumberText(key));
  }
  const came = bringsBackExpired(issuer, succession) ? 0 : added;
  const refused = earlyFault(left.early) ?? sizeFault(succession, came, count);
  return { refused, endedHolds: left.endedHold };
}

/** Why a certificate is no longer listed. */
type WhyLeft = "released" | "expired" | "endedHold" | "early";
type Store = Pick<StoreReader, "get">;

function whyLeft(
  store: Store,
  issuer: Issuer,
  { previous, sequence }: Succession,
  serialNumber: SerialNumber,
  reason: number,
): WhyLeft {
  const record = store.get("records", recordKey(issuer.number, serialNumber));
  if (!record) return "early";
  const onHold = reason === CRLReason.certificateHold;
  if (onHold && wasReleased(store, serialNumber, recordVersion(record), sequence))
    return "released";
  if (issuer.config.crl?.keepExpired || !wasListedExpired(record, previous)) return "early";
  return onHold ? "endedHold" : "expired";
}

/** Whether the last change of a certificate's status up to `sequence` was a release; imports change none. */
function wasReleased(
  store: Store,
  serialNumber: SerialNumber,
  version: number,
  sequence: number,
): boolean {
  const text = serialNumberText(serialNumber);
  for (let at: number | undefined = version; at !== undefined; ) {
    const event = readJournal(store, at);
    if (at <= sequence && event?.action !== "import") return event?.action === "release";
    at =
      event?.previous ??
      event?.previousOnes?.find((one) => readJournal(store, one)?.serialNumber === text);
  }
  return false;
}

/** Whether `keepExpired` was switched on since: what has expired comes back, and the journal tells nothing of it. */
function bringsBackExpired({ config }: Issuer, { previous }: Succession): boolean {
  return config.crl?.keepExpired === true && previous.keepsExpired === false;
}

function earlyFault(early: readonly string[]): string | null {
  if (early.length === 0) return null;
  return `${early.length} certificates left it too early, ${early[0]} among them`;
}

function sizeFault({ previous, sequence }: Succession, added: number, left: number): string | null {
  if (left > FEW && 2 * left > previous.entries) {
    return `${left} of ${previous.entries} certificates left it at once`;
  }
  const events = previous.sequence === null ? added : sequence - previous.sequence;
  if (added <= events) return null;
  return `${added} certificates came to it, and the journal has ${events} events since the one before`;
}

/** Whether a delta may follow the one before it to the same base: what that listed, it lists as well. */
export function judgeDelta({ removed }: CRLDifference): string | null {
  return earlyFault([...unpackChunks(removed)].map(({ key }) => serialNumberText(key)));
}
