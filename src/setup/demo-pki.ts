import type { UnixSeconds } from "../der/time.ts";
import { type DemoFiles, filesOf } from "./demo-files.ts";
import { type DemoIssuer, type IssuerPlan, type MadeIssuer, makeIssuer } from "./demo-issuer.ts";
import { demoSubscribers } from "./demo-subscribers.ts";
import { makeFolder, refuseExisting, writeNewFiles } from "./new-files.ts";

/** A throw-away PKI. */
export interface DemoPki {
  readonly issuers: readonly DemoIssuer[];
}

const plans: readonly IssuerPlan[] = [
  {
    name: "demo-ec",
    algorithm: "P-256",
    subject: { organization: "Vouch Demo", commonName: "Demo Issuing CA EC" },
  },
  {
    name: "demo-rsa",
    algorithm: "RSA-2048",
    subject: {
      organization: "Ban Cơ yếu Demo",
      commonName: "CA phục vụ các cơ quan Nhà nước (thử nghiệm)",
    },
  },
];

/**
 * Makes two issuers (P-256 and RSA-2048), each with a delegated OCSP signer and 150 subscribers,
 * and writes them into the folder, which is made where it is missing. The keys lie there
 * unencrypted: for trying, never for use. Nothing is written before everything is made; a file that
 * is in the way is a `FileExistsError`, and no file has been touched then.
 */
export async function makeDemoPki(
  folder: string,
  options: { now: UnixSeconds; onProgress?: (done: number, total: number) => void },
): Promise<DemoPki> {
  await refuseExisting(demoFiles(folder).flatMap(({ name: _, ...paths }) => Object.values(paths)));
  const subscribers = demoSubscribers(options.now);
  const total = plans.length * subscribers.length;
  let done = 0;
  const step = (): void => options.onProgress?.(++done, total);
  const run = { folder, now: options.now, subscribers, step };
  const made: MadeIssuer[] = [];
  for (const plan of plans) made.push(await makeIssuer(plan, run));
  await makeFolder(folder);
  await writeNewFiles(made.flatMap(({ files }) => files));
  return { issuers: made.map(({ issuer }) => issuer) };
}

/** The files that `makeDemoPki` writes into the folder, for each issuer. */
export function demoFiles(folder: string): readonly DemoFiles[] {
  return plans.map(({ name }) => filesOf(folder, name));
}
