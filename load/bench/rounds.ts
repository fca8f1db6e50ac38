import { type AnswerSize, checkAnswers } from "./check-answer.ts";
import { type Measurement, measure } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import { type BenchServer, type RunningServer, type Site, type Way, wayName } from "./server.ts";

/** One way of asking one server, to be measured. */
export interface Plan {
  readonly server: BenchServer;
  readonly way: Way;
}

/** What was measured of it, a measurement a round. */
export interface Outcome extends Plan {
  readonly answer: AnswerSize;
  readonly rounds: readonly Measurement[];
}

/** A plan whose answers were found right. */
interface Checked extends Plan {
  readonly running: RunningServer;
  readonly answer: AnswerSize;
}

/** A server's compiler is at rest only after some seconds; later rounds find it so. */
const FIRST_WARM_UP_SECONDS = 3;
const WARM_UP_SECONDS = 1;

/**
 * Starts every server, checks each answer, measures all in turn as many times as asked, and stops them.
 * Rejects at the first thing that is wrong.
 */
export async function measureAll(
  site: Site,
  plans: readonly Plan[],
  options: Pick<BenchOptions, "rounds" | "seconds">,
  say: (text: string) => void,
): Promise<Outcome[]> {
  const running = new Map<BenchServer, RunningServer>();
  try {
    for (const server of new Set(plans.map((plan) => plan.server))) {
      say(`starting ${server.name}`);
      running.set(server, await server.start(site));
    }
    const checked: Checked[] = [];
    for (const plan of plans) {
      const server = running.get(plan.server) as RunningServer;
      const answer = await checkAnswers(site, plan.server, server, plan.way);
      checked.push({ ...plan, running: server, answer });
    }
    return await measureInTurn(site, checked, options, say);
  } finally {
    await Promise.all([...running.values()].map((server) => server.stop()));
  }
}

async function measureInTurn(
  site: Site,
  checked: readonly Checked[],
  { rounds, seconds }: Pick<BenchOptions, "rounds" | "seconds">,
  say: (text: string) => void,
): Promise<Outcome[]> {
  const measured = checked.map((): Measurement[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, one] of checked.entries()) {
      const name = `${one.server.name} ${wayName(one.way)}`;
      const warmUp = round === 1 ? FIRST_WARM_UP_SECONDS : WARM_UP_SECONDS;
      const found = await measureOne(site, one, { warmUp, seconds }).catch((error: unknown) => {
        throw new Error(`${name}: ${String(error)}`);
      });
      measured[i]?.push(found);
      say(`round ${round}/${rounds}  ${name}  ${found.all.perCpuSecond.toFixed(0)} per CPU-second`);
    }
  }
  return checked.map(({ server, way, answer }, i) => ({
    server,
    way,
    answer,
    rounds: measured[i] ?? [],
  }));
}

function measureOne(
  { cores, folder, questions }: Site,
  { running, way, answer }: Checked,
  time: { warmUp: number; seconds: number },
): Promise<Measurement> {
  const port = running.port(way.protocol);
  const target = { way, port, questions, core: cores.load, folder, answer };
  return measure(running, target, { core: cores.server, ...time });
}
