import { readFileSync } from "node:fs";
import { Dice } from "./dice.ts";
import { DerMutator } from "./mutate-der.ts";
import { getPath, MessageMutator } from "./mutate-text.ts";
import { messageSeeds, requestSeeds } from "./seeds.ts";
import {
  agreesWithPkijs,
  isExplained,
  readDer,
  readGet,
  readMessage,
  type Verdict,
} from "./targets.ts";

/** What to run. */
interface FuzzPlan {
  readonly count: number;
  readonly seed: number;
  /** Once in so many, pkijs reads a request that was taken, too: it takes a hundred times as long. */
  readonly pkijsOneIn: number;
  readonly onMillion?: (done: number) => void;
}

/** What a run came to. */
export interface FuzzReport {
  readonly count: number;
  readonly seed: number;
  readonly taken: number;
  readonly refused: number;
  /** Requests that pkijs and Vouch both took, and read alike. */
  readonly agreed: number;
  /** The longest that a request takes when it is timed again. */
  readonly slowestMs: number;
  readonly slowestInput: string;
  /** Requests that took over 10 ms once, and not again: the collector or another process. */
  readonly interrupted: number;
  /** Octets of private memory after the first million (or all) and at the end. */
  readonly rssAnon: readonly [number, number];
}

/** No request may take longer. */
export const LONGEST_MS = 10;
const SUSPECT_MS = 1;
/** The seed and the number give the whole of it. */
const LONGEST_SHOWN = 1_000;
const MILLION = 1_000_000;

/** An input, and what reads it. */
type Case = { readonly read: () => Verdict } & (
  | { readonly kind: "der" | "message"; readonly input: Buffer }
  | { readonly kind: "path"; readonly input: string }
);

/** Reads so many mutated requests. Throws, with the input, where something must not happen. */
export function fuzz(plan: FuzzPlan): FuzzReport {
  const { count, seed, onMillion } = plan;
  const dice = new Dice(seed);
  const der = new DerMutator(requestSeeds(), dice);
  const messages = new MessageMutator(messageSeeds(), dice);
  const tally = { taken: 0, refused: 0, agreed: 0, interrupted: 0, slowestMs: 0, slowestInput: "" };
  let early = 0;
  for (let done = 1; done <= count; done++) {
    const one = nextCase(dice, der, messages);
    try {
      const verdict = timed(one, tally);
      tally[verdict]++;
      if (one.kind === "der") tally.agreed += compared(one.input, verdict, dice, plan.pkijsOneIn);
    } catch (error) {
      const input = shown(one.input);
      throw new Error(`request ${done} of seed ${seed}: ${input}: ${error}`, { cause: error });
    }
    if (done % MILLION !== 0) continue;
    if (done === MILLION) early = rssAnon();
    onMillion?.(done);
  }
  const end = rssAnon();
  return { count, seed, ...tally, rssAnon: [early || end, end] };
}

function nextCase(dice: Dice, der: DerMutator, messages: MessageMutator): Case {
  const kind = dice.below(20);
  if (kind < 3) {
    const input = messages.next();
    return { kind: "message", input, read: () => readMessage(input) };
  }
  const octets = der.next();
  if (kind < 6) {
    const input = getPath(octets, dice);
    return { kind: "path", input, read: () => readGet(input) };
  }
  return { kind: "der", input: octets, read: () => readDer(octets) };
}

function timed(
  { input, read }: Case,
  tally: { interrupted: number; slowestMs: number; slowestInput: string },
): Verdict {
  const began = performance.now();
  const verdict = read();
  const took = performance.now() - began;
  if (took < SUSPECT_MS || took < tally.slowestMs) return verdict;
  const again = shortestOf(read, 5);
  if (took > LONGEST_MS && again < LONGEST_MS) tally.interrupted++;
  if (again > tally.slowestMs) {
    tally.slowestMs = again;
    tally.slowestInput = shown(input);
  }
  if (again > LONGEST_MS) throw new Error(`took ${again} ms`);
  return verdict;
}

function shortestOf(read: () => Verdict, times: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    read();
    shortest = Math.min(shortest, performance.now() - began);
  }
  return shortest;
}

/** Lets the other readers look at some: 1 where pkijs took it, too. */
function compared(input: Buffer, verdict: Verdict, dice: Dice, oneIn: number): number {
  if (!dice.oneIn(oneIn)) return 0;
  isExplained(input);
  return verdict === "taken" && agreesWithPkijs(input) ? 1 : 0;
}

function shown(input: Buffer | string): string {
  const text = Buffer.isBuffer(input) ? input.toString("hex") : JSON.stringify(input);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function rssAnon(): number {
  const status = readFileSync("/proc/self/status", "latin1");
  return 1024 * Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]);
}
