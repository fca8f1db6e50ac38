import { z } from "zod";
import { parseRfc3339 } from "../der/time.ts";
import { parseReason, REVOCATION_REASONS, type ReasonName } from "../x509/reason.ts";
import { parseSerialNumber } from "../x509/serial-number.ts";
import type { IssueRequest } from "./admin-crl-types.ts";
import type { ImportBatch, ReconcileBatch, Reconciled } from "./admin-import-types.ts";
import {
  type HoldRequest,
  LONGEST_GROUND,
  type ReleaseRequest,
  type RevokeRequest,
} from "./admin-types.ts";
import { Refused } from "./refused.ts";

/*
 * What may be asked on the admin socket. The command has checked it before; who else speaks there may not.
 */

const LARGEST_BATCH = 1_000;

const time = z.string().refine((text) => parseRfc3339(text) !== undefined, "not an RFC 3339 time");
const serialNumber = z
  .string()
  .refine((text) => parseSerialNumber(text) !== undefined, "not a serial number");
const person = z.string().min(1).max(200);
const text = z.string().max(LONGEST_GROUND).nullable();

function reason(names: readonly ReasonName[]): z.ZodType<ReasonName> {
  return z.enum(names as [ReasonName, ...ReasonName[]]);
}

const change = {
  issuer: z.string(),
  serialNumbers: z.array(serialNumber).min(1),
  request: text,
  agency: text,
  by: person,
  dryRun: z.boolean(),
};

const revokeRequest: z.ZodType<RevokeRequest> = z.strictObject({
  ...change,
  reason: reason(REVOCATION_REASONS),
  revocationDate: time.nullable(),
  invalidityDate: time.nullable(),
});

const holdRequest: z.ZodType<HoldRequest> = z.strictObject({
  ...change,
  revocationDate: time.nullable(),
});

const releaseRequest: z.ZodType<ReleaseRequest> = z.strictObject(change);

const anyReason = z.string().transform((name, context): ReasonName => {
  const found = parseReason(name);
  if (!found) context.addIssue({ code: "custom", message: "not a reason of RFC 5280" });
  return found ?? "unspecified";
});

/** By the octets, as the store sorts: the journal names a batch by its first and last. */
function isSorted(rows: readonly { readonly serialNumber: string }[]): boolean {
  const octets = rows.map((row) => parseSerialNumber(row.serialNumber) ?? Buffer.alloc(0));
  return octets.every(
    (serial, i) => i === 0 || Buffer.compare(octets[i - 1] ?? serial, serial) < 0,
  );
}

const importBatch: z.ZodType<ImportBatch> = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        serialNumber,
        notAfter: time.nullable(),
        notBefore: time.optional(),
        status: z.enum(["good", "revoked", "hold"]),
        reason: anyReason.nullable(),
        revocationDate: time.nullable(),
        invalidityDate: time.nullable(),
        claims: z.literal("issuance").optional(),
        file: z.string(),
        line: z.number().int().nonnegative(),
      }),
    )
    .max(LARGEST_BATCH)
    .refine(isSorted, "not sorted by serial number, or one of them twice"),
  by: person,
  dryRun: z.boolean(),
});

const reconcileBatch: z.ZodType<ReconcileBatch> = z.strictObject({
  after: serialNumber.nullable(),
  until: serialNumber.nullable(),
  rows: z
    .array(z.strictObject({ serialNumber, status: z.enum(["good", "revoked", "hold"]).nullable() }))
    .max(LARGEST_BATCH)
    .refine(isSorted, "not sorted by serial number, or one of them twice"),
});

const count = z.number().int().nonnegative();
const reconciled: z.ZodType<Reconciled> = z.strictObject({
  missingHere: count,
  missingThere: count,
  differing: count,
});

const asker = z.strictObject({ by: person });

const issueRequest: z.ZodType<IssueRequest> = z.strictObject({
  by: person,
  kinds: z.enum(["all", "delta"]),
  force: z.string().trim().min(1).max(1_000).nullable(),
  ends: z.enum(["inTime", "last"]),
});

/** Reads a request to revoke; times are from 1970 to `now` (seconds). */
export function readRevokeRequest(body: unknown, now: number): RevokeRequest {
  const request = read(revokeRequest, body);
  refuseTime("revocationDate", request.revocationDate, now);
  refuseTime("invalidityDate", request.invalidityDate, now);
  return request;
}

/** Reads a request to suspend; its time is from 1970 to `now` (seconds). */
export function readHoldRequest(body: unknown, now: number): HoldRequest {
  const request = read(holdRequest, body);
  refuseTime("revocationDate", request.revocationDate, now);
  return request;
}

/** Reads a request to end suspensions. */
export function readReleaseRequest(body: unknown): ReleaseRequest {
  return read(releaseRequest, body);
}

/** Reads a time that has come by `now` (seconds). */
export function readPastTime(text: string, now: number): number {
  const at = parseRfc3339(read(time, text));
  if (at !== undefined && at <= now) return at;
  throw new Refused("badTime", `${text} lies ahead`, "give a time that has come");
}

function refuseTime(name: string, text: string | null, now: number): void {
  const at = text === null ? undefined : parseRfc3339(text);
  if (at === undefined) return;
  if (at < 0) {
    const remedy = "give the time that the certificate is valid from, or a later one";
    throw new Refused("badTime", `${name} ${text} is before 1970, which no record holds`, remedy);
  }
  if (at > now) {
    throw new Refused("badTime", `${name} ${text} lies ahead`, "give a time that has come");
  }
}

/** Reads a batch of an import. */
export function readImportBatch(body: unknown): ImportBatch {
  return read(importBatch, body);
}

/** Reads a part of a list to compare with. */
export function readReconcileBatch(body: unknown): ReconcileBatch {
  return read(reconcileBatch, body);
}

/** Reads what a comparison came to. */
export function readReconciled(body: unknown): Reconciled {
  return read(reconciled, body);
}

/** Reads a request to issue CRLs. */
export function readIssueRequest(body: unknown): IssueRequest {
  return read(issueRequest, body);
}

/** Reads who asks for something that needs to know no more. */
export function readAsker(body: unknown): string {
  return read(asker, body).by;
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const what = result.error.issues
    .map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("; ");
  throw new Refused(
    "usage",
    `the authority was asked for nonsense: ${what}`,
    "use the vouch command",
  );
}
