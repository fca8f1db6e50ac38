import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPinned } from "./launch.ts";
import {
  type LoadGenerator,
  type LoadResult,
  type LoadTarget,
  requireWholeAnswers,
} from "./load.ts";

/** A small client of our own, for servers that close after each answer. POST only. */
export const connectionEach: LoadGenerator = { needs: [], run };

const CLIENT = fileURLToPath(new URL("./connection-each-client.ts", import.meta.url));

/** What the client prints. */
export interface ClientReport extends LoadResult {
  readonly octets: number;
  /** Connections that failed, or gave anything but status 200. */
  readonly failed: number;
}

async function run(target: LoadTarget, seconds: number): Promise<LoadResult> {
  const { port, core, folder, questions } = target;
  const file = join(folder, `questions-${port}.json`);
  writeFileSync(file, JSON.stringify(questions.map(({ der }) => der.toString("base64"))));
  const command = [process.execPath, CLIENT, String(port), file, String(seconds)];
  const report = JSON.parse(await runPinned(core, command)) as ClientReport;
  if (report.failed > 0) throw new Error(`${report.failed} requests failed`);
  requireWholeAnswers(target.answer.body, report.octets, report.requests);
  return report;
}
