import type { IssuerFiles } from "../authority/issuer-files.ts";
import { signaturesNeeded } from "../authority/signing-load.ts";
import { durationText } from "../config/duration.ts";
import { validityProblem } from "../signing/signer-check.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { readSummary } from "../store/summary.ts";
import { type Finding, type Setup, warning } from "./finding.ts";

/** Of what a key can do, so much is kept for imports, revocations and live answers. */
const MOST_SHARE = 0.5;

/** Whether each issuer's signer is fast enough to sign its answers anew within half of their life. */
export function checkCapacity(store: StoreReader, setup: Setup): Finding[] {
  const summary = readSummary(store);
  const served = readServiceView(store)?.issuers ?? [];
  return setup.issuers.flatMap((issuer) => {
    const number = served.find(({ name }) => name === issuer.config.name)?.number ?? 0;
    const { records = 0 } = summary[number] ?? {};
    return records === 0 ? [] : slowSigner(issuer, records, setup);
  });
}

function slowSigner(
  issuer: IssuerFiles,
  records: number,
  { config, keys, clock }: Setup,
): Finding[] {
  const { name, ocsp } = issuer.config;
  const [signer] = issuer.signers
    .filter(({ certificate }) => !validityProblem(certificate, clock()))
    .toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore);
  if (!signer) return [];
  const { keyFile, certificate } = signer;
  const probed = keys.get({ keyFile, certificate: certificate.der });
  if (probed?.state !== "signs") return [];
  const needed = signaturesNeeded(records, ocsp);
  const possible = probed.rate * config.signingThreads;
  if (needed <= possible * MOST_SHARE) return [];
  const half = durationText(ocsp.validitySeconds / 2);
  return [
    warning({
      where: `issuer ${name}`,
      problem: `${records} certificates with ${ocsp.hashes.length} answers each, anew every ${half}, take ${needed.toFixed(1)} signatures a second, and its key makes ${possible.toFixed(1)}`,
      do: "raise ocsp.validity or signingThreads, or have a signer with a faster key (ECDSA P-256)",
    }),
  ];
}
