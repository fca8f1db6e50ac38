/** The known word that a misspelt one most likely stands for, or nothing when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** Letters to add, drop, change or swap with their neighbour, whatever the case. */
function editDistance(a: string, b: string): number {
  const left = a.toLowerCase().slice(0, 64);
  const right = b.toLowerCase();
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= left.length; i += 1) rows.push(nextRow(rows, i, left, right));
  return rows.at(-1)?.at(-1) ?? 0;
}

function nextRow(rows: number[][], i: number, left: string, right: string): number[] {
  const above = rows[i - 1] ?? [];
  const row = [i];
  for (let j = 1; j <= right.length; j += 1) {
    const change = left[i - 1] === right[j - 1] ? 0 : 1;
    const isSwap = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
    const swapped = isSwap ? at(rows[i - 2], j - 2) + 1 : Number.POSITIVE_INFINITY;
    row.push(Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + change, swapped));
  }
  return row;
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Number.POSITIVE_INFINITY;
}
