import { isWrong, type Wrong } from "./parsed.ts";
import { TextLines } from "./text-lines.ts";

/** One record of a CSV file, and the number of the line it begins on. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[] | Wrong;
}

const QUOTED = /"([^"]*(?:""[^"]*)*)"(,|$)/y;
const PLAIN = /([^",]*)(,|$)/y;

/**
 * The records of a CSV file (RFC 4180): quoted fields may hold commas, doubled quotes and line ends.
 * Blank lines are passed over. A quote that is never closed spoils its own line only.
 */
export function* csvRecords(octets: Uint8Array): Generator<CsvRecord> {
  const lines = new TextLines(octets);
  for (let text = lines.next(); text !== undefined; text = lines.next()) {
    if (text.trim() === "") continue;
    const line = lines.line;
    if (!text.includes('"')) {
      yield { line, fields: text.split(",") };
      continue;
    }
    const whole = closeQuotes(text, lines);
    yield { line, fields: isWrong(whole) ? whole : splitQuoted(whole.text) };
  }
}

/** Adds the lines that a quoted field runs over: until the quotes are even. */
function closeQuotes(first: string, lines: TextLines): { text: string } | Wrong {
  const place = lines.place();
  const parts = [first];
  let isOpen = oddQuotes(first);
  while (isOpen) {
    const more = lines.next();
    if (more === undefined) {
      lines.goBack(place);
      return { wrong: "a quote is opened here and never closed" };
    }
    parts.push(more);
    isOpen = oddQuotes(more) !== isOpen;
  }
  return { text: parts.join("\n") };
}

function oddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

function splitQuoted(text: string): string[] | Wrong {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const shape = text[at] === '"' ? QUOTED : PLAIN;
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (!found) return { wrong: `field ${fields.length + 1} is not quoted as RFC 4180 has it` };
    const [all, value = "", end] = found;
    fields.push(value.replaceAll('""', '"'));
    at += all.length;
    if (end === "") return fields;
  }
}
