// Measures Vouch beside other servers in one run, in turn, and prints Markdown; `npm run bench -- --help`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programPath } from "../../test/support/program-path.ts";
import { circumstances } from "./circumstances.ts";
import { GENERATORS } from "./measure.ts";
import { type BenchOptions, readOptions, USAGE } from "./options.ts";
import { floors } from "./peers/floors.ts";
import { goResponder } from "./peers/go-responder.ts";
import { nginx } from "./peers/nginx.ts";
import { opensslOcsp } from "./peers/openssl-ocsp.ts";
import { issue, makePki, writeIndex } from "./pki.ts";
import { chooseCores, HOW_TO_INSTALL, type Program } from "./programs.ts";
import { makeQuestions } from "./questions.ts";
import { outcomeName, ratios } from "./ratios.ts";
import { type Findings, jsonDocument, markdown } from "./report.ts";
import { measureAll, type Plan } from "./rounds.ts";
import type { BenchServer, Site } from "./server.ts";
import { vouch } from "./vouch.ts";

const SERVERS: readonly BenchServer[] = [vouch, goResponder, nginx, opensslOcsp, ...floors];

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** The programs that a plan needs and that are not there. */
function missingFor({ server, way }: Plan): Program[] {
  const needed: Program[] = ["taskset", "openssl", ...server.needs];
  needed.push(...GENERATORS[way.protocol].needs);
  return needed.filter((program) => programPath(program) === undefined);
}

/** What can be measured here, and what has to be left out. */
function makePlans({ only }: BenchOptions): { plans: Plan[]; leftOut: string[] } {
  const wanted = SERVERS.filter(({ name }) => only?.includes(name) ?? true);
  const all = wanted.flatMap((server) => server.ways.map((way) => ({ server, way })));
  const leftOut = all.flatMap((plan) => {
    const missing = missingFor(plan).map((program) => `${program} (${HOW_TO_INSTALL[program]})`);
    return missing.length === 0 ? [] : `${outcomeName(plan)}: without ${missing.join(", ")}`;
  });
  return { plans: all.filter((plan) => missingFor(plan).length === 0), leftOut };
}

function makeSite(folder: string, records: number): Site {
  const pki = makePki(join(folder, "pki"), "P-256");
  const issued = issue(records);
  const index = join(folder, "index.txt");
  writeIndex(index, issued);
  return { folder, cores: chooseCores(), pki, index, questions: makeQuestions(pki, issued) };
}

async function bench(options: BenchOptions): Promise<void> {
  const { plans, leftOut } = makePlans(options);
  for (const text of leftOut) say(`left out: ${text}`);
  if (plans.length === 0) throw new Error("nothing can be measured");
  const folder = mkdtempSync(join(tmpdir(), "vouch-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const site = makeSite(folder, options.records);
  const outcomes = await measureAll(site, plans, options, say);
  const findings: Findings = {
    circumstances: circumstances(options, site),
    outcomes,
    ratios: ratios(outcomes),
    leftOut,
  };
  process.stdout.write(`${markdown(findings)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, jsonDocument(findings));
}

const words = process.argv.slice(2);
if (words.includes("--help")) process.stdout.write(USAGE);
else {
  try {
    await bench(
      readOptions(
        words,
        SERVERS.map(({ name }) => name),
      ),
    );
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
