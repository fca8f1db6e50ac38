import type { Outcome } from "./rounds.ts";
import { wayName } from "./server.ts";
import { type Spread, spread } from "./statistics.ts";

/** Requests per CPU-second of one against those of another, round by round. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly spread: Spread;
  /** What the median should reach at least, where there is such a target. */
  readonly target: number | undefined;
}

/** What is compared: names of servers with their ways, and the target. */
const COMPARED: readonly (readonly [of: string, to: string, target?: number])[] = [
  ["vouch POST", "go POST", 7],
  ["vouch GET", "go GET"],
  ["vouch GET", "nginx GET", 0.8],
  ["vouch POST, h2c", "bare-http2 POST, h2c", 0.9],
  ["vouch GET, h2c", "bare-http2 GET, h2c", 0.9],
  ["vouch GET, h2c", "nginx GET, h2c"],
  ["vouch POST", "openssl POST, connection each"],
  ["vouch POST", "bare-http POST"],
  ["vouch POST", "bare-net POST"],
  ["vouch GET", "bare-net GET"],
  ["bare-direct POST", "bare-net POST"],
];

/** How an outcome is called. */
export function outcomeName({ server, way }: Pick<Outcome, "server" | "way">): string {
  return `${server.name} ${wayName(way)}`;
}

/** The ratios of what was measured; what was left out has none. */
export function ratios(outcomes: readonly Outcome[]): Ratio[] {
  const rounds = new Map(outcomes.map((one) => [outcomeName(one), one.rounds]));
  return COMPARED.flatMap(([of, to, target]) => {
    const mine = rounds.get(of);
    const theirs = rounds.get(to);
    if (!mine || !theirs) return [];
    const each = mine.map((one, i) => {
      return one.all.perCpuSecond / (theirs[i]?.all.perCpuSecond ?? Number.NaN);
    });
    return [{ of, to, spread: spread(each), target }];
  });
}
