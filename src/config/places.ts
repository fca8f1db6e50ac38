import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type Fault, type FaultPath, pathText } from "./fault.ts";

/** Where everything stands in a document: one walk, which does not follow aliases, so it ends. */
export class Places {
  /** Keys that stand twice, and aliases of nothing. */
  readonly faults: Fault[] = [];
  readonly #lines = new Map<string, number>();
  readonly #anchors = new Set<string>();
  readonly #lineCounter: LineCounter;

  constructor(document: Document, lineCounter: LineCounter) {
    this.#lineCounter = lineCounter;
    this.#walk(document.contents, []);
  }

  /** The line of a path's key, or of its nearest parent's, counted from 1. */
  line(path: FaultPath): number {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.#lines.get(pathText(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  #walk(node: unknown, path: FaultPath): void {
    if (isAlias(node)) this.#checkAlias(node.source, path);
    else if (isMap(node) || isSeq(node) || isScalar(node)) this.#enter(node, path);
  }

  #enter(node: YAMLMap | YAMLSeq | Scalar, path: FaultPath): void {
    if (node.anchor !== undefined) this.#anchors.add(node.anchor);
    if (isMap(node)) this.#enterMap(node, path);
    if (!isSeq(node)) return;
    for (const [index, item] of node.items.entries()) {
      this.#note(item, [...path, index]);
      this.#walk(item, [...path, index]);
    }
  }

  #enterMap(map: YAMLMap, parent: FaultPath): void {
    const firstLines = new Map<string, number>();
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = [...parent, name];
      this.#note(key, path);
      const first = firstLines.get(name);
      if (first !== undefined) this.faults.push(secondTime(path, first));
      firstLines.set(name, first ?? this.line(path));
      this.#walk(value, path);
    }
  }

  #note(node: unknown, path: FaultPath): void {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    if (range?.[0] === undefined) return;
    this.#lines.set(pathText(path), this.#lineCounter.linePos(range[0]).line);
  }

  #checkAlias(name: string, path: FaultPath): void {
    if (this.#anchors.has(name)) return;
    const problem = `is *${name}, but nothing before it is marked &${name}`;
    this.faults.push({ path, problem, do: "write the value out, or between quotes if it is text" });
  }
}

function secondTime(path: FaultPath, firstLine: number): Fault {
  const problem = `stands here a second time, after line ${firstLine}`;
  return { path, problem, do: "keep one of the two" };
}
