import type { IssuerFiles } from "../authority/issuer-files.ts";
import { isTooSlow, signaturesNeeded, signaturesPossible } from "../authority/signing-load.ts";
import { durationText } from "../config/duration.ts";
import { validityProblem } from "../signing/signer-check.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { readSummary } from "../store/summary.ts";
import { readWithdrawn, type WithdrawnSigner } from "../store/withdrawn.ts";
import { withdrawalOf } from "./check-withdrawn.ts";
import { type Finding, type Setup, warning } from "./finding.ts";

/** Whether each issuer's signer is fast enough to sign its answers anew within half of their life. */
export function checkCapacity(store: StoreReader, setup: Setup): Finding[] {
  const summary = readSummary(store);
  const served = readServiceView(store)?.issuers ?? [];
  const withdrawn = readWithdrawn(store);
  return setup.issuers.flatMap((issuer) => {
    const number = served.find(({ name }) => name === issuer.config.name)?.number ?? 0;
    const { records = 0 } = summary[number] ?? {};
    const rate = signerRate(issuer, withdrawn, setup);
    return records === 0 || rate === undefined ? [] : slowSigner(issuer, { records, rate }, setup);
  });
}

/** Of the signer that signs now, as the authority chooses it; nothing where nobody does. */
function signerRate(
  { signers }: IssuerFiles,
  withdrawn: readonly WithdrawnSigner[],
  { keys, clock }: Setup,
): number | undefined {
  const rates = signers
    .filter(({ certificate }) => !validityProblem(certificate, clock()))
    .filter(({ certificate }) => !withdrawalOf(certificate, withdrawn))
    .toSorted((a, b) => b.certificate.notBefore - a.certificate.notBefore)
    .map(({ keyFile, certificate }) => keys.get({ keyFile, certificate: certificate.der }))
    .flatMap((probed) => (probed?.state === "signs" ? [probed.rate] : []));
  return rates[0];
}

function slowSigner(
  { config: { name, ocsp } }: IssuerFiles,
  { records, rate }: { readonly records: number; readonly rate: number },
  { config }: Setup,
): Finding[] {
  const needed = signaturesNeeded(records, ocsp);
  const possible = signaturesPossible(rate, config.signingThreads);
  if (!isTooSlow(needed, possible)) return [];
  const half = durationText(ocsp.validitySeconds / 2);
  return [
    warning({
      where: `issuer ${name}`,
      problem: `${records} certificates with ${ocsp.hashes.length} answers each, anew every ${half}, take ${needed.toFixed(1)} signatures a second, and its key makes ${possible.toFixed(1)}`,
      do: "raise ocsp.validity or signingThreads, or have a signer with a faster key (ECDSA P-256)",
    }),
  ];
}
