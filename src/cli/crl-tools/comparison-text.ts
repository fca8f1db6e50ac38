import { fieldsText } from "../explain/fields-text.ts";
import { coloured } from "../output.ts";
import { counted } from "../table.ts";
import type { ChangedEntry, ChangedField, CRLComparison, ShownEntry } from "./compare-crls.ts";

/** A comparison for people; at most so many entries of each kind. */
export function comparisonText(comparison: CRLComparison, most: number): string {
  const { before, after, fields, unchanged, added, removed, changed } = comparison;
  const counts = `${counted(added.length)} added, ${counted(removed.length)} removed, ${counted(changed.length)} changed, ${counted(unchanged)} unchanged`;
  return [
    titleText("-", before),
    titleText("+", after),
    ...fields.map(fieldText),
    coloured("bold", counts),
    ...some(added, most, (entry) => coloured("green", `+ ${entryText(entry)}`)),
    ...some(removed, most, (entry) => coloured("red", `- ${entryText(entry)}`)),
    ...some(changed, most, (entry) => coloured("yellow", `~ ${changeText(entry)}`)),
  ].join("\n");
}

function titleText(
  sign: "-" | "+",
  { file, kind, crlNumber, issuer, entries, bytes }: CRLComparison["before"],
): string {
  const number = crlNumber === null ? "without a number" : crlNumber;
  return `${sign} ${file}: ${kind} CRL ${number} of ${issuer}, ${counted(entries)} entries, ${counted(bytes)} bytes`;
}

function fieldText({ field, before: was, after: is }: ChangedField): string {
  const isSimple = [was, is].every((value) => typeof value !== "object" || value === null);
  return isSimple
    ? `  ${field}: ${was ?? "-"} → ${is ?? "-"}`
    : fieldsText({ [field]: { was, is } }, "  ");
}

function some<Item>(items: readonly Item[], most: number, text: (item: Item) => string): string[] {
  const shown = items.slice(0, most).map(text);
  const left = items.length - shown.length;
  return left === 0 ? shown : [...shown, `  and ${counted(left)} more (--all shows them)`];
}

function entryText({ serialNumber, reason, revocationDate, invalidityDate }: ShownEntry): string {
  const invalid = invalidityDate === null ? "" : `, invalid since ${invalidityDate}`;
  return `${serialNumber} ${reason} ${revocationDate ?? "without a date"}${invalid}`;
}

const FIELDS = ["reason", "revocationDate", "invalidityDate"] as const;

function changeText({ serialNumber, before, after }: ChangedEntry): string {
  const changes = FIELDS.filter((field) => before[field] !== after[field]).map(
    (field) => `${field} ${before[field] ?? "-"} → ${after[field] ?? "-"}`,
  );
  return `${serialNumber} ${changes.join(", ")}`;
}
