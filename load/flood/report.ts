import { type Spread, spread } from "../site/spread.ts";
import type { FloodOptions } from "./options.ts";
import type { PacedResult } from "./plan.ts";
import { FLOODS, type Flood, type Round } from "./rounds.ts";

const NAMES: Readonly<Record<Flood, string>> = {
  none: "none",
  presigned: "plain requests",
  nonce: "nonces",
  random: "made-up serial numbers",
};

const CORES: Readonly<Record<FloodOptions["authority"], string>> = {
  beside: "All of Vouch has one core, what asks the other.",
  apart: "The responder has one core, the authority shares the other with what asks.",
};

/** The figures in Markdown; `measured` says when and on what. */
export function floodReport(
  all: readonly Round[],
  options: FloodOptions,
  measured: string,
): string {
  const { rate, records, flood, addresses, seconds, rounds } = options;
  return `# Floods

${measured}

${rate} pre-signed answers a second out of ${records} records, ${seconds} s a round, ${rounds} rounds in turn; floods of ${flood} requests a second from ${addresses} addresses. ${CORES[options.authority]}

| flood | p50 ms | p99 ms | ratio to none | flood's requests a second | live answers a second | tryLater a second | cores used |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${FLOODS.map((kind) => row(kind, all)).join("\n")}

${liveCost(all)}
`;
}

/** Requests that failed, of all rounds. */
export function failures(all: readonly Round[]): number {
  return all.reduce(
    (sum, { presigned, flooded }) => sum + presigned.failed + (flooded?.failed ?? 0),
    0,
  );
}

function row(kind: Flood, all: readonly Round[]): string {
  const mine = all.filter(({ flood }) => flood === kind);
  const without = all.filter(({ flood }) => flood === "none");
  const p50 = spread(mine.map(({ presigned }) => presigned.p50Ms));
  const p99 = spread(mine.map(({ presigned }) => presigned.p99Ms));
  const ratio = spread(
    mine.map(({ presigned }, i) => presigned.p99Ms / (without[i]?.presigned.p99Ms ?? Number.NaN)),
  );
  const cells = [
    NAMES[kind],
    p50.median.toFixed(2),
    withRange(p99),
    withRange(ratio),
    Math.round(floodRate(mine, ({ requests }) => requests)),
    Math.round(floodRate(mine, liveAnswers)),
    Math.round(floodRate(mine, ({ tryLater }) => tryLater)),
    coresUsed(mine).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Answers with a nonce; what was never issued is answered live or not at all. */
function liveAnswers({ kind, requests, nonces, tryLater, failed }: PacedResult): number {
  if (kind === "nonce") return nonces;
  return kind === "random" ? requests - tryLater - failed : 0;
}

/** What a live answer costs besides what a plain request does. */
function liveCost(all: readonly Round[]): string {
  const of = (kind: Flood): Round[] => all.filter(({ flood }) => flood === kind);
  const more = coresUsed(of("nonce")) - coresUsed(of("presigned"));
  const milliseconds = (1000 * more) / floodRate(of("nonce"), liveAnswers);
  return `A flood of nonces costs ${more.toFixed(2)} cores more than one of plain requests: ${milliseconds.toFixed(2)} ms of all processes a live answer.`;
}

function floodRate(rounds: readonly Round[], pick: (result: PacedResult) => number): number {
  const flooded = rounds.flatMap((round) => round.flooded ?? []);
  const seconds = flooded.reduce((sum, result) => sum + result.seconds, 0);
  return seconds === 0 ? 0 : flooded.reduce((sum, result) => sum + pick(result), 0) / seconds;
}

/** By the time that the longest client took. */
function coresUsed(rounds: readonly Round[]): number {
  const seconds = rounds.reduce(
    (sum, { flooded, presigned }) => sum + (flooded ?? presigned).seconds,
    0,
  );
  return rounds.reduce((sum, round) => sum + round.cpuSeconds, 0) / seconds;
}

function withRange({ median, least, most }: Spread): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;
}
