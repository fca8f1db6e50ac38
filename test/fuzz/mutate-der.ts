import type { Dice } from "./dice.ts";
import { allNodes, elementsOf, type Node } from "./tree.ts";

/** A request to start from. */
interface Seed {
  readonly octets: Uint8Array;
  /** Nothing where the seed is not DER throughout. */
  readonly root: Node | undefined;
  readonly nodes: readonly Node[];
}

/** What is done to one element as it is written. */
type Edit =
  | { readonly kind: "drop" | "twice" | "indefinite" | "longLength" | "lie" | "wrap" }
  | { readonly kind: "tag"; readonly tag: number }
  | { readonly kind: "replace"; readonly by: Node }
  | { readonly kind: "content"; readonly content: Uint8Array };

const TAGS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x18, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa2];
const OCTETS = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x20, 0x30, 0x7f];
const LENGTHS = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0xa0, 0xfe, 0xff];
const CONTENT_SIZES = [0, 1, 2, 9, 16, 20, 21, 31, 32, 33, 64, 127, 128, 129, 255, 256, 1024];
const LARGEST = 32 * 1024;

/**
 * Makes requests that are almost right: elements are dropped, doubled, exchanged, wrapped, given other tags,
 * contents and lengths, with right lengths around them so that what is inside is reached; then octets are
 * flipped, set, cut out, put in, or cut off. Each stays good only until the next.
 */
export class DerMutator {
  readonly #seeds: readonly Seed[];
  readonly #dice: Dice;
  readonly #out = Buffer.alloc(LARGEST);
  readonly #edits = new Map<Node, Edit>();
  #at = 0;

  constructor(seeds: readonly Uint8Array[], dice: Dice) {
    this.#dice = dice;
    this.#seeds = seeds.map((octets) => {
      const [root] = elementsOf(octets) ?? [];
      return { octets, root, nodes: root ? allNodes(root) : [] };
    });
  }

  next(): Buffer {
    const dice = this.#dice;
    const seed = dice.pick(this.#seeds);
    this.#edits.clear();
    if (seed.root && !dice.oneIn(4)) this.#planEdits(seed);
    let octets = this.#write(seed);
    const rounds = this.#edits.size === 0 || dice.oneIn(3) ? 1 + dice.below(3) : 0;
    for (let i = 0; i < rounds; i++) octets = this.#spoil(octets);
    return octets;
  }

  #planEdits({ nodes }: Seed): void {
    const count = this.#dice.oneIn(2) ? 1 : 1 + this.#dice.below(3);
    for (let i = 0; i < count; i++) this.#edits.set(this.#dice.pick(nodes), this.#edit());
  }

  #edit(): Edit {
    const dice = this.#dice;
    switch (dice.below(10)) {
      case 0:
        return { kind: "drop" };
      case 1:
        return { kind: "twice" };
      case 2:
        return { kind: "tag", tag: dice.oneIn(4) ? dice.below(256) : dice.pick(TAGS) };
      case 3:
        return { kind: dice.pick(["indefinite", "longLength", "lie", "wrap"] as const) };
      case 4:
      case 5:
        return { kind: "content", content: this.#content() };
      default: {
        const { nodes } = dice.pick(this.#seeds);
        return nodes.length > 0 ? { kind: "replace", by: dice.pick(nodes) } : { kind: "drop" };
      }
    }
  }

  #content(): Uint8Array {
    const dice = this.#dice;
    const content = new Uint8Array(dice.pick(CONTENT_SIZES));
    const fill = dice.pick(OCTETS);
    for (let i = 0; i < content.length; i++) content[i] = dice.oneIn(2) ? dice.below(256) : fill;
    return content;
  }

  /** Writes from the end to the front, so that every length is known when it is written. */
  #write({ root, octets }: Seed): Buffer {
    if (!root || this.#edits.size === 0) {
      this.#out.set(octets);
      return this.#out.subarray(0, octets.length);
    }
    this.#at = LARGEST;
    this.#writeNode(root, 0);
    // To the front, for what is done next puts octets in.
    const length = LARGEST - this.#at;
    this.#out.copyWithin(0, this.#at, LARGEST);
    return this.#out.subarray(0, length);
  }

  #writeNode(node: Node, depth: number): void {
    const edit = depth < 40 ? this.#edits.get(node) : undefined;
    if (edit?.kind === "drop") return;
    if (edit?.kind === "replace") {
      this.#writeElement(edit.by, undefined, depth);
      return;
    }
    this.#writeElement(node, edit, depth);
    if (edit?.kind === "twice") this.#writeElement(node, undefined, depth);
    if (edit?.kind === "wrap") this.#header(0x30, LARGEST - this.#at, undefined);
  }

  #writeElement(node: Node, edit: Edit | undefined, depth: number): void {
    if (this.#at < LARGEST / 4) return;
    if (edit?.kind === "indefinite") this.#octets(Uint8Array.of(0, 0));
    const end = this.#at;
    if (edit?.kind === "content") this.#octets(edit.content);
    else if (node.children.length === 0) this.#octets(node.content);
    for (let i = node.children.length - 1; i >= 0 && edit?.kind !== "content"; i--) {
      this.#writeNode(node.children[i] as Node, depth + 1);
    }
    const tag = edit?.kind === "tag" ? edit.tag : node.tag;
    this.#header(tag, end - this.#at, edit?.kind);
  }

  #header(tag: number, length: number, how: Edit["kind"] | undefined): void {
    let said = length;
    if (how === "lie") said = this.#dice.oneIn(2) ? length + 1 : this.#dice.below(70_000);
    if (how === "indefinite") this.#octets(Uint8Array.of(0x80));
    else if (how === "longLength") {
      this.#octets(Uint8Array.of(0x84, 0, said >> 16, (said >> 8) & 0xff, said & 0xff));
    } else if (said < 0x80) this.#octets(Uint8Array.of(said));
    else if (said < 0x100) this.#octets(Uint8Array.of(0x81, said));
    else if (said < 0x10000) this.#octets(Uint8Array.of(0x82, said >> 8, said & 0xff));
    else this.#octets(Uint8Array.of(0x83, said >> 16, (said >> 8) & 0xff, said & 0xff));
    this.#octets(Uint8Array.of(tag));
  }

  #octets(octets: Uint8Array): void {
    if (octets.length > this.#at) return;
    this.#at -= octets.length;
    this.#out.set(octets, this.#at);
  }

  #spoil(octets: Buffer): Buffer {
    const dice = this.#dice;
    const { length } = octets;
    if (length === 0) return octets;
    const at = dice.below(length);
    switch (dice.below(6)) {
      case 0:
        octets[at] = (octets[at] as number) ^ (1 << dice.below(8));
        return octets;
      case 1:
        octets[at] = dice.oneIn(2) ? dice.below(256) : dice.pick(dice.oneIn(2) ? TAGS : OCTETS);
        return octets;
      case 2:
        octets[at] = dice.pick(LENGTHS);
        return octets;
      case 3:
        return octets.subarray(0, at);
      case 4: {
        const size = Math.min(1 + dice.below(20), length - at);
        octets.copyWithin(at, at + size);
        return octets.subarray(0, length - size);
      }
      default:
        return this.#putIn(octets, at);
    }
  }

  #putIn(octets: Buffer, at: number): Buffer {
    const size = 1 + this.#dice.below(12);
    const longer = this.#out.subarray(0, Math.min(octets.length + size, LARGEST));
    longer.copyWithin(at + size, at, octets.length);
    for (let i = at; i < Math.min(at + size, longer.length); i++) longer[i] = this.#dice.below(256);
    return longer;
  }
}
