import { counted } from "../table.ts";
import type { Field, Fields } from "./explanation.ts";

/** Fields for people: one a line, what is inside two columns further right. */
export function fieldsText(fields: Fields, indent = ""): string {
  return Object.entries(fields)
    .map(([name, field]) => fieldText(name, field, indent))
    .join("\n");
}

function fieldText(name: string, field: Field, indent: string): string {
  if (isSimple(field)) return `${indent}${name}: ${simpleText(field)}`;
  if (!isList(field)) return `${indent}${name}:${below(fieldsText(field, `${indent}  `))}`;
  if (field.length === 0) return `${indent}${name}: none`;
  if (field.every(isSimple)) return `${indent}${name}: ${field.map(simpleText).join(", ")}`;
  const items = field.map((item, i) => itemText(item, i, `${indent}  `));
  return `${indent}${name}:\n${items.join("\n")}`;
}

/** An item that has a name is one line with it, where the rest is simple. */
function itemText(item: Field, index: number, indent: string): string {
  if (isSimple(item) || isList(item)) return fieldText(String(index + 1), item, indent);
  const { name, oid: _oid, critical, value, ...others } = item;
  if (typeof name !== "string" || value === undefined || Object.keys(others).length > 0) {
    return lineText(item, index, indent);
  }
  return fieldText(`${name}${critical ? " (critical)" : ""}`, value, indent);
}

const LONGEST_LINE = 160;

/** A few simple fields on one line, more of them below their number. */
function lineText(item: Fields, index: number, indent: string): string {
  const entries = Object.entries(item);
  if (entries.every(([, field]) => isSimple(field))) {
    const line = entries
      .map(([name, field]) => `${name} ${simpleText(field as Simple)}`)
      .join(", ");
    if (line.length <= LONGEST_LINE) return `${indent}${line}`;
  }
  return `${indent}${index + 1}:\n${fieldsText(item, `${indent}  `)}`;
}

type Simple = string | number | boolean | null;

function isSimple(field: Field): field is Simple {
  return field === null || typeof field !== "object";
}

function isList(field: Field): field is readonly Field[] {
  return Array.isArray(field);
}

function simpleText(field: Simple): string {
  if (field === null) return "-";
  if (typeof field === "number") return counted(field);
  return typeof field === "boolean" ? (field ? "yes" : "no") : field;
}

function below(text: string): string {
  return text === "" ? " -" : `\n${text}`;
}
