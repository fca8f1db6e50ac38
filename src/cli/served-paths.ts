import type { ServedPaths } from "../authority/import/served-urls.ts";
import type { IssuerConfig } from "../config/config.ts";
import { crlPaths } from "../config/crl-names.ts";

/** The paths that this issuer's CRL and certificate are served under. */
export function servedPaths({ name, paths, crl }: IssuerConfig): ServedPaths {
  return {
    crl: crlPaths(name, crl),
    caCertificate: [`/ca/${name}.cer`, ...paths],
  };
}
