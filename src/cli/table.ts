import { stripVTControlCharacters } from "node:util";

/** A cell: text to the left, a number to the right with its thousands apart, nothing as "-". */
type Cell = string | number | null;

/** Lines of cells under each other, two spaces between columns. */
export function table(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cellText(cell)));
    });
  }
  return rows.map((row) => line(row, widths)).join("\n");
}

/** A count as people read it: 1,234,567. */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function line(row: readonly Cell[], widths: readonly number[]): string {
  return row
    .map((cell, i) => padded(cell, widths[i] ?? 0))
    .join("  ")
    .trimEnd();
}

function padded(cell: Cell, columns: number): string {
  const text = cellText(cell);
  const gap = " ".repeat(columns - width(text));
  return typeof cell === "number" ? gap + text : text + gap;
}

function cellText(cell: Cell): string {
  if (cell === null) return "-";
  return typeof cell === "number" ? counted(cell) : cell;
}

/** Characters as people count them, so that Vietnamese marks and colours take no column. */
function width(text: string): number {
  return [...stripVTControlCharacters(text).normalize("NFC")].length;
}
