import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import { printable } from "../../x509/printable.ts";
import type { ReasonName } from "../../x509/reason.ts";
import {
  LONGEST_SERIAL_NUMBER,
  parseSerialNumber,
  serialNumberText,
} from "../../x509/serial-number.ts";
import type { ImportRow } from "../admin-import-types.ts";
import { isWrong, type Wrong } from "./parsed.ts";

/** What a line of a register says, in the register's own writing; "" is what it leaves out. */
export interface RegisterLine {
  readonly serialNumber: string;
  readonly status: "good" | "revoked" | "hold";
  readonly reason: ReasonName | undefined;
  readonly notAfter: string;
  readonly notBefore: string;
  readonly revocationDate: string;
  readonly invalidityDate: string;
}

/** How a register writes times. */
export interface TimeSyntax {
  /** Nothing for a text that is no time, "" among them. */
  readonly parse: (text: string) => UnixSeconds | undefined;
  /** For messages: what a time looks like. */
  readonly shape: string;
}

/** Where a line stands, and what its times are read with and held against. */
export interface RegisterContext {
  readonly file: string;
  readonly line: number;
  readonly times: TimeSyntax;
  readonly now: UnixSeconds;
}

/**
 * The rules that hold for a line of any register, OpenSSL's or CSV: who is good has no revocation,
 * who is revoked or on hold has a revocationDate that is not in the future, and certificateHold is
 * the reason of a hold and of nothing else. Revoked without a reason is `unspecified`.
 */
export function registerRow(said: RegisterLine, context: RegisterContext): ImportRow | Wrong {
  const serialNumber = parseSerialNumber(said.serialNumber);
  if (!serialNumber) return wrongSerialNumber(said.serialNumber);
  const times = readTimes(said, context.times);
  if (isWrong(times)) return times;
  const wrong = wrongStatus(said) ?? futureDate(times, context.now);
  if (wrong !== undefined) return { wrong };
  const status = said.reason === "certificateHold" ? "hold" : said.status;
  return {
    serialNumber: serialNumberText(serialNumber),
    notAfter: textOrNull(times.notAfter),
    notBefore: textOrNull(times.notBefore) ?? undefined,
    status,
    reason: reasonOf(status, said.reason),
    revocationDate: textOrNull(times.revocationDate),
    invalidityDate: textOrNull(times.invalidityDate),
    file: context.file,
    line: context.line,
  };
}

/** Says that this is no serial number a CA may give (RFC 5280 4.1.2.2). */
export function wrongSerialNumber(text: string): Wrong {
  if (text === "") return { wrong: "there is no serialNumber" };
  const bounds = `a positive hexadecimal number of at most ${LONGEST_SERIAL_NUMBER} octets`;
  return { wrong: `serialNumber "${printable(text, 80)}" is not ${bounds}` };
}

const TIMES = ["notAfter", "notBefore", "revocationDate", "invalidityDate"] as const;

type TimeField = (typeof TIMES)[number];

/** What is left out is undefined. */
type Times = Record<TimeField, UnixSeconds | undefined>;

const REVOCATION_TIMES = ["revocationDate", "invalidityDate"] as const;

function readTimes(said: RegisterLine, syntax: TimeSyntax): Times | Wrong {
  const notAfter = syntax.parse(said.notAfter);
  const notBefore = syntax.parse(said.notBefore);
  const revocationDate = syntax.parse(said.revocationDate);
  const invalidityDate = syntax.parse(said.invalidityDate);
  const times: Times = { notAfter, notBefore, revocationDate, invalidityDate };
  for (const field of TIMES) {
    if (said[field] === "" || times[field] !== undefined) continue;
    const text = printable(said[field], 40);
    return { wrong: `${field} "${text}" is not a time: expected ${syntax.shape}` };
  }
  return times;
}

function wrongStatus(said: RegisterLine): string | undefined {
  if (said.status !== "good") return wrongRevocation(said);
  const extra = REVOCATION_TIMES.find((field) => said[field] !== "") ?? (said.reason && "reason");
  return extra && `status is good, but there is a ${extra}`;
}

function wrongRevocation(said: RegisterLine): string | undefined {
  if (said.revocationDate === "") return `status is ${said.status}, but there is no revocationDate`;
  if (said.reason === "removeFromCRL") {
    return "removeFromCRL says that a hold ended and is no reason to be revoked: give the status that holds now";
  }
  if (said.status === "hold" && said.reason && said.reason !== "certificateHold") {
    return `status is hold, but the reason is ${said.reason}: leave it out, or say revoked`;
  }
  return undefined;
}

function futureDate(times: Times, now: UnixSeconds): string | undefined {
  for (const field of REVOCATION_TIMES) {
    const at = times[field];
    if (at === undefined || at <= now) continue;
    return `${field} ${rfc3339(at)} is in the future (it is ${rfc3339(now)} here)`;
  }
  return undefined;
}

function textOrNull(at: UnixSeconds | undefined): string | null {
  return at === undefined ? null : rfc3339(at);
}

function reasonOf(status: ImportRow["status"], reason: ReasonName | undefined): ReasonName | null {
  if (status === "good") return null;
  return status === "hold" ? "certificateHold" : (reason ?? "unspecified");
}
