import { metricsText, type ProcessMetrics, processMetrics } from "../observe/metrics.ts";
import type { Readiness } from "../observe/readiness.ts";
import { askReport } from "../observe/reports.ts";
import type { Child } from "./child.ts";

/** The sum of all processes' metrics; one that is just being replaced is left out. */
export async function collectedMetrics(children: readonly Child[]): Promise<string> {
  const asked = children.flatMap(({ process: child }) =>
    child ? [askReport(child, "metrics")] : [],
  );
  const reports = await Promise.all([processMetrics(), ...asked]);
  return metricsText(reports.filter((report): report is ProcessMetrics => report !== undefined));
}

/** What the first responder that answers says; without one, nothing is ready. */
export async function collectedReadiness(responders: readonly Child[]): Promise<Readiness> {
  for (const { process: child } of responders) {
    const report = child && (await askReport(child, "readiness"));
    if (report) return report;
  }
  return { ready: false, issuers: [] };
}
