import type { ServedPaths } from "../authority/import/served-urls.ts";
import type { IssuerConfig } from "../config/config.ts";
import { crlPath } from "../config/url-path.ts";

/** The paths that this issuer's CRL and certificate are served under. */
export function servedPaths({ name, paths, crl }: IssuerConfig): ServedPaths {
  return {
    crl: crl ? [crlPath(name), ...crl.paths] : [],
    caCertificate: [`/ca/${name}.cer`, ...paths],
  };
}
