import type { UnixSeconds } from "../der/time.ts";
import { metrics } from "../observe/metrics.ts";
import { type CertRecord, type CertStatus, decodeRecord } from "../ocsp/record.ts";
import { recordKey } from "../store/keys.ts";
import { parseSerialNumber, type SerialNumber, serialNumberText } from "../x509/serial-number.ts";
import type { ChangeReport, ChangeRequest } from "./admin-types.ts";
import type { Draft, MadeRecord } from "./answer-maker.ts";
import { putStatusChange } from "./change-write.ts";
import type { Desk } from "./desk.ts";
import type { Issuer } from "./issuer.ts";
import { isUntouched, noteWritten } from "./record-write.ts";
import { Refused } from "./refused.ts";

type Refusal = ChangeReport["refused"][number];

/**
 * What a request makes of a certificate: another status, nothing, nothing since it is revoked for good, or
 * what cannot be since it is revoked for good.
 */
export type Verdict = CertStatus | "unchanged" | "alreadyRevoked" | "neverUndone";

/** A kind of change of status, as a rule over single certificates; `at` is now. */
export type StatusRule = (record: CertRecord, at: UnixSeconds) => Verdict;

/** A certificate whose status is to change. */
interface Planned {
  readonly draft: Draft;
  readonly before: Buffer;
}

/** What the request means for each of its certificates. */
interface Plan {
  readonly change: readonly Planned[];
  readonly alreadyRevoked: number;
  readonly refused: readonly Refusal[];
}

/** What has been written of a request so far. */
interface Written {
  readonly changed: number;
  readonly unsigned: readonly string[];
  readonly sequence: number | null;
}

/** What is being changed, for whom, how and when. */
interface Change {
  readonly issuer: Issuer;
  readonly request: ChangeRequest;
  readonly rule: StatusRule;
  readonly at: UnixSeconds;
}

/** The sweep may have signed a record anew meanwhile; that it does so again and again cannot be. */
const MOST_TRIES = 10;

/**
 * Changes the status of certificates: status, fresh answers, CRL entry and journal are one change, on disk
 * when this resolves. What was never issued is refused; the others are done as the rule says.
 */
export async function changeStatus(
  desk: Desk,
  issuer: Issuer,
  request: ChangeRequest,
  rule: StatusRule,
): Promise<ChangeReport> {
  if (issuer.config.source === "crl") throw statusFromCRL(issuer);
  const received = performance.now();
  const change = { issuer, request, rule, at: desk.clock() };
  let left = plan(desk, change, namedOnce(request.serialNumbers));
  let { alreadyRevoked, refused } = left;
  if (request.dryRun) return report(left.change.length, alreadyRevoked, refused);
  let done: Written = { changed: 0, unsigned: [], sequence: null };
  for (let tries = 0; left.change.length > 0; tries++) {
    if (tries === MOST_TRIES) throw new Error("the records keep changing while they are changed");
    const written = await write(desk, change, left.change);
    done = added(done, written);
    left = plan(desk, change, written.conflicts);
    alreadyRevoked += left.alreadyRevoked;
    refused = [...refused, ...left.refused];
  }
  if (done.changed > 0) metrics.revokeVisibleSeconds.observe((performance.now() - received) / 1000);
  return { ...report(done.changed, alreadyRevoked, refused), ...done };
}

function statusFromCRL({ name }: Issuer): Refused {
  return new Refused(
    "statusFromCRL",
    `the CRLs of ${name} say what is revoked, and nobody else does (source: crl)`,
    `have the CA revoke it, and import the CRL that lists it: vouch import ${name} FILE`,
  );
}

/** However often and in whatever spelling it is named, a certificate is one. */
function namedOnce(texts: readonly string[]): SerialNumber[] {
  const named = texts.flatMap((text) => parseSerialNumber(text) ?? []);
  return [...new Map(named.map((serial) => [serialNumberText(serial), serial])).values()];
}

function report(
  changed: number,
  alreadyRevoked: number,
  refused: readonly Refusal[],
): ChangeReport {
  return { changed, alreadyRevoked, refused, unsigned: [], sequence: null };
}

function added(sum: Written, next: Written): Written {
  return {
    changed: sum.changed + next.changed,
    unsigned: [...sum.unsigned, ...next.unsigned],
    sequence: next.sequence ?? sum.sequence,
  };
}

function plan(
  desk: Desk,
  { issuer, rule, at }: Change,
  serialNumbers: readonly SerialNumber[],
): Plan {
  const change: Planned[] = [];
  const refused: Refusal[] = [];
  let alreadyRevoked = 0;
  desk.store.refresh();
  for (const serialNumber of serialNumbers) {
    const before = desk.store.get("records", recordKey(issuer.number, serialNumber));
    if (!before) {
      refused.push(unknownCertificate(issuer, serialNumber));
      continue;
    }
    const record = decodeRecord(before);
    const verdict = rule(record, at);
    if (verdict === "alreadyRevoked" || verdict === "neverUndone") alreadyRevoked++;
    if (verdict === "neverUndone") refused.push(neverUndone(issuer, serialNumber));
    if (typeof verdict === "string") continue;
    const lastThisUpdate = record.thisUpdate;
    change.push({
      draft: { serialNumber, status: verdict, changedAt: at, lastThisUpdate },
      before,
    });
  }
  return { change, alreadyRevoked, refused };
}

function unknownCertificate(issuer: Issuer, serialNumber: SerialNumber): Refusal {
  const text = serialNumberText(serialNumber);
  return {
    serialNumber: text,
    code: "unknownCertificate",
    message:
      `${issuer.name} has no certificate ${text}: check the number, or import the certificate ` +
      `first (vouch import ${issuer.name} FILE)`,
  };
}

function neverUndone(issuer: Issuer, serialNumber: SerialNumber): Refusal {
  const text = serialNumberText(serialNumber);
  return {
    serialNumber: text,
    code: "alreadyRevoked",
    message:
      `it is revoked, and a revocation is never undone: let the CA issue another certificate ` +
      `(vouch history ${issuer.name} ${text} tells who revoked it)`,
  };
}

async function write(
  desk: Desk,
  { issuer, request, at }: Change,
  planned: readonly Planned[],
): Promise<Written & { conflicts: SerialNumber[] }> {
  const drafts = planned.map(({ draft }) => draft);
  const made = await desk.maker.make(issuer, drafts, "urgent");
  const writes = planned.map(({ draft, before }, i) => ({
    key: recordKey(issuer.number, draft.serialNumber),
    before,
    after: (made[i] as MadeRecord).octets,
    draft,
    signed: (made[i] as MadeRecord).signed,
  }));
  const outcome = await desk.store.transact((transaction) => {
    const fresh = writes.filter((one) => isUntouched(transaction, one));
    let sequence: number | null = null;
    for (const one of fresh) {
      sequence = putStatusChange(transaction, issuer, one, { ...request, at });
    }
    return { fresh, sequence };
  });
  desk.store.refresh();
  noteWritten(desk, outcome.fresh);
  return {
    changed: outcome.fresh.length,
    sequence: outcome.sequence,
    unsigned: outcome.fresh
      .filter(({ signed }) => !signed)
      .map(({ draft }) => serialNumberText(draft.serialNumber)),
    conflicts: writes
      .filter((one) => !outcome.fresh.includes(one))
      .map(({ draft }) => draft.serialNumber),
  };
}
