/** An element of a seed, taken apart so that what is changed in it can have right lengths around it. */
export interface Node {
  readonly tag: number;
  /** Empty for what is not constructed. */
  readonly children: readonly Node[];
  /** Of what has no children. */
  readonly content: Uint8Array;
}

const DEEPEST = 24;
const NOTHING = new Uint8Array(0);

/** The elements that octets hold, and those in them; nothing where they are not elements throughout. */
export function elementsOf(octets: Uint8Array, depth = 0): Node[] | undefined {
  const nodes: Node[] = [];
  let at = 0;
  while (at < octets.length) {
    const span = spanOf(octets, at);
    if (!span) return undefined;
    const content = octets.subarray(span.start, span.end);
    const tag = octets[at] as number;
    const children = mayHold(tag) && depth < DEEPEST ? elementsOf(content, depth + 1) : undefined;
    nodes.push({ tag, children: children ?? [], content: children?.length ? NOTHING : content });
    at = span.end;
  }
  return nodes;
}

/** A node and all below it. */
export function allNodes(node: Node): Node[] {
  return [node, ...node.children.flatMap(allNodes)];
}

function mayHold(tag: number): boolean {
  return (tag & 0x20) !== 0 || tag === 0x04;
}

function spanOf(octets: Uint8Array, at: number): { start: number; end: number } | undefined {
  const first = octets[at + 1];
  if (first === undefined || first === 0x80) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  let length = more === 0 ? first : 0;
  for (let i = 0; i < more; i++) length = length * 256 + (octets[at + 2 + i] ?? Number.NaN);
  const start = at + 2 + more;
  return start + length <= octets.length ? { start, end: start + length } : undefined;
}
