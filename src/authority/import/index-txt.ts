import { DerError, Tag } from "../../der/reader.ts";
import { timeFromDer, type UnixSeconds } from "../../der/time.ts";
import { printable } from "../../x509/printable.ts";
import { parseReason, type ReasonName } from "../../x509/reason.ts";
import type { BadLine, ImportRow } from "../admin-import-types.ts";
import { isWrong, type Parsed, type Wrong } from "./parsed.ts";
import { type RegisterLine, registerRow, type TimeSyntax } from "./register-row.ts";
import { TextLines } from "./text-lines.ts";

/** Tabs in a subject are written `\t` with a backslash before the tab itself; they split nothing. */
const FIELD_END = /(?<!\\)\t/;

const UTC_TIME_LENGTH = 13;

const TIMES: TimeSyntax = { parse: parseTime, shape: "YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ" };

const STATUSES: Readonly<Record<string, "good" | "revoked">> = {
  V: "good",
  E: "good",
  R: "revoked",
};

/**
 * Reads the register that `openssl ca` keeps: status, expiry, revocation, serial number, file,
 * subject, with tabs between. V and E are good, E being expired besides. Blank lines and lines that
 * begin with # are passed over, as OpenSSL does.
 */
export function readIndexText(file: string, octets: Uint8Array, now: UnixSeconds): Parsed {
  const rows: ImportRow[] = [];
  const bad: BadLine[] = [];
  const lines = new TextLines(octets);
  for (let text = lines.next(); text !== undefined; text = lines.next()) {
    if (text.trim() === "" || text.startsWith("#")) continue;
    const line = lines.line;
    const said = readLine(text);
    const row = isWrong(said) ? said : registerRow(said, { file, line, now, times: TIMES });
    if (isWrong(row)) bad.push({ file, line, message: row.wrong });
    else rows.push(row);
  }
  return { claims: "status", rows, bad };
}

function readLine(text: string): RegisterLine | Wrong {
  const fields = text.includes("\\") ? text.split(FIELD_END) : text.split("\t");
  if (fields.length !== 6) {
    return { wrong: `${fields.length} fields between tabs where index.txt has 6` };
  }
  const [letter = "", notAfter = "", revocation = "", serialNumber = ""] = fields;
  const status = Object.hasOwn(STATUSES, letter) ? STATUSES[letter] : undefined;
  if (!status) return { wrong: `status "${printable(letter, 20)}" is not V, R or E` };
  if (notAfter === "") return { wrong: "there is no notAfter" };
  const revoked = readRevocation(revocation);
  if (isWrong(revoked)) return revoked;
  return { serialNumber, status, notAfter, notBefore: "", ...revoked };
}

type Revocation = Pick<RegisterLine, "revocationDate" | "reason" | "invalidityDate">;

/** `date[,reason[,detail]]`, as `openssl ca -revoke` writes it. */
function readRevocation(text: string): Revocation | Wrong {
  const [revocationDate = "", reason, ...detail] = text.split(",");
  if (reason === undefined) return { revocationDate, reason, invalidityDate: "" };
  return withReason(revocationDate, reason, detail.join(","));
}

function withReason(revocationDate: string, reason: string, detail: string): Revocation | Wrong {
  switch (reason.toLowerCase()) {
    case "keytime":
      return compromised(revocationDate, "keyCompromise", detail);
    case "cakeytime":
      return compromised(revocationDate, "cACompromise", detail);
    // The hold instruction code is obsolete (RFC 5280 removed it); what counts is the hold.
    case "holdinstruction":
      return { revocationDate, reason: "certificateHold", invalidityDate: "" };
    default:
      return plainReason(revocationDate, reason, detail);
  }
}

function compromised(
  revocationDate: string,
  reason: ReasonName,
  invalidityDate: string,
): Revocation | Wrong {
  if (invalidityDate === "") return { wrong: "no time of compromise follows keyTime or CAkeyTime" };
  return { revocationDate, reason, invalidityDate };
}

function plainReason(revocationDate: string, name: string, detail: string): Revocation | Wrong {
  const reason = parseReason(name);
  if (!reason) return { wrong: `reason "${printable(name, 40)}" is none that OpenSSL writes` };
  if (detail !== "") return { wrong: `"${printable(detail, 40)}" after the reason ${reason}` };
  return { revocationDate, reason, invalidityDate: "" };
}

function parseTime(text: string): UnixSeconds | undefined {
  if (text === "") return undefined;
  const tag = text.length === UTC_TIME_LENGTH ? Tag.utcTime : Tag.generalizedTime;
  try {
    return timeFromDer(tag, Buffer.from(text, "latin1"));
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
