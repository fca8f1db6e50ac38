import { isLoopback } from "./address.ts";
import type { Config, IssuerConfig } from "./config.ts";
import { fullCRLPaths } from "./crl-names.ts";
import { durationText } from "./duration.ts";
import type { Fault } from "./fault.ts";

const EIGHT_HOURS = 8 * 3600;

/** What is allowed, and most likely not meant. */
export function configWarnings(config: Config): Fault[] {
  return [
    ...opsWarnings(config),
    ...noIssuerWarnings(config),
    ...config.issuers.flatMap((issuer, index) => [
      ...validityWarnings(issuer, index),
      ...urlWarnings(issuer, index),
    ]),
  ];
}

function opsWarnings({ ops }: Config): Fault[] {
  if (isLoopback(ops)) return [];
  const problem =
    "is reachable from other machines, and the operations listener asks for no password";
  return [{ path: ["ops"], problem, do: "write 127.0.0.1:PORT, or let a firewall guard the port" }];
}

function noIssuerWarnings({ issuers }: Config): Fault[] {
  if (issuers.length > 0) return [];
  const problem = "is empty, so every request is answered unauthorized";
  return [{ path: ["issuers"], problem, do: "add the CAs that Vouch is to answer for" }];
}

function validityWarnings({ ocsp }: IssuerConfig, index: number): Fault[] {
  if (ocsp.validitySeconds >= EIGHT_HOURS) return [];
  const path = ["issuers", index, "ocsp", "validity"];
  const problem = `is ${durationText(ocsp.validitySeconds)}, and the Baseline Requirements (4.9.9) ask for at least 8h`;
  return [{ path, problem, do: "write 8h or more, unless this is a test" }];
}

function urlWarnings({ name, crl }: IssuerConfig, index: number): Fault[] {
  // Where there is no signer, the URL is where the CRL comes from.
  if (crl?.url === undefined || crl.signer === undefined) return [];
  const served = fullCRLPaths(name, crl);
  const { pathname } = new URL(crl.url);
  if (served.includes(pathname)) return [];
  const path = ["issuers", index, "crl", "url"];
  const problem = `has the path ${pathname}, which is not served; served are ${served.join(", ")}`;
  return [{ path, problem, do: `add ${pathname} to crl.paths` }];
}
