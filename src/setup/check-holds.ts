import { walkRevoked } from "../authority/revoked-walk.ts";
import { decodeRevocation } from "../crl/revocation.ts";
import { readServiceView } from "../store/service-view.ts";
import type { StoreReader } from "../store/store.ts";
import { CRLReason } from "../x509/reason.ts";
import { type Finding, type Setup, warning } from "./finding.ts";

/** Certificates that are on hold although their issuer does not suspend: they were, before the switch was turned. */
export async function checkHolds(store: StoreReader, { config }: Setup): Promise<Finding[]> {
  const served = readServiceView(store)?.issuers ?? [];
  const findings: Finding[] = [];
  for (const { name, hold, source } of config.issuers) {
    const number = served.find((issuer) => issuer.name === name)?.number;
    if (hold || source !== "issued" || number === undefined) continue;
    let held = 0;
    await walkRevoked(store, number, (_serialNumber, row) => {
      if (decodeRevocation(row).reason === CRLReason.certificateHold) held++;
    });
    if (held > 0) findings.push(stillHeld(name, held));
  }
  return findings;
}

function stillHeld(name: string, held: number): Finding {
  const what = held === 1 ? "1 certificate is" : `${held} certificates are`;
  return warning({
    where: `issuer ${name}`,
    problem: `${what} on hold, though hold is false, and stay so until somebody decides`,
    do: `release or revoke each (vouch release ${name} SERIAL, vouch revoke ${name} SERIAL), or write hold: true`,
  });
}
