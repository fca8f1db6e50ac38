import type { Problem } from "../../config/config.ts";
import { DerError } from "../../der/reader.ts";
import { authorityInfoAccess, crlDistributionPoints } from "../../x509/access-urls.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { printable } from "../../x509/printable.ts";

/** The paths that the public listener answers, each from its "/" on. OCSP's are fixed: `/` and `/ocsp`. */
export interface ServedPaths {
  readonly crl: readonly string[];
  readonly caCertificate: readonly string[];
}

type Use = "ocsp" | "caIssuers" | "crlDistributionPoints";

interface Seen {
  readonly use: Use;
  readonly url: string;
  /** The first certificate with it. */
  readonly where: string;
  certificates: number;
}

/** What a request line has for an OCSP URL: with nothing after the host, clients ask for `/`. */
const OCSP_PATHS: readonly string[] = ["/", "/ocsp"];

const ADVICE: Readonly<Record<Use, (path: string) => string>> = {
  ocsp: () =>
    "OCSP is answered on / and /ocsp: let the proxy in front of Vouch send this URL there",
  caIssuers: (path) => `add ${path} to the issuer's paths`,
  crlDistributionPoints: (path) => `add ${path} to the issuer's crl.paths`,
};

/** Collects the URLs in imported certificates, and tells those that lead nowhere here. */
export class CertificateUrls {
  readonly #seen = new Map<string, Seen>();
  #unreadable: Problem | undefined;

  /** Takes note of one certificate's crlDistributionPoints and authorityInfoAccess. */
  add(certificate: Certificate, file: string, line: number): void {
    const where = `${file}:${line}`;
    try {
      const { ocsp, caIssuers } = authorityInfoAccess(certificate);
      this.#note("ocsp", ocsp, where);
      this.#note("caIssuers", caIssuers, where);
      this.#note("crlDistributionPoints", crlDistributionPoints(certificate), where);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      this.#unreadable ??= { where, problem: error.message, do: "see what the CA puts there" };
    }
  }

  /**
   * Each URL that no served path answers, once. Paths are compared octet for octet with their
   * query; the host is not looked at, for it is the proxy's and the DNS's.
   */
  unserved(served: ServedPaths): Problem[] {
    const paths: Readonly<Record<Use, readonly string[]>> = {
      ocsp: OCSP_PATHS,
      caIssuers: served.caCertificate,
      crlDistributionPoints: served.crl,
    };
    const problems = [...this.#seen.values()].flatMap((seen) => problemWith(seen, paths[seen.use]));
    return this.#unreadable ? [...problems, this.#unreadable] : problems;
  }

  #note(use: Use, urls: readonly string[], where: string): void {
    for (const url of urls) {
      const key = `${use} ${url}`;
      const seen = this.#seen.get(key);
      if (seen) seen.certificates++;
      else this.#seen.set(key, { use, url, where, certificates: 1 });
    }
  }
}

function problemWith({ use, url, where, certificates }: Seen, paths: readonly string[]): Problem[] {
  const path = pathOf(url);
  if (path !== undefined && paths.includes(path)) return [];
  const more = certificates === 1 ? "" : ` and ${certificates - 1} more`;
  const named = `${use} ${printable(url, 500)}`;
  if (path === undefined) {
    return [
      {
        where: where + more,
        problem: `${named} is not an http URL, and not served by Vouch`,
        do: "see that something else answers it",
      },
    ];
  }
  const problem = `no path served here answers ${named}`;
  return [{ where: where + more, problem, do: ADVICE[use](printable(path, 500)) }];
}

/** What follows the host in an http URL, as it stands and with its query; nothing for other schemes. */
function pathOf(url: string): string | undefined {
  const rest = /^http:\/\/[^/?#]+([^#]*)/i.exec(url)?.[1];
  return rest?.startsWith("/") ? rest : rest === undefined ? undefined : `/${rest}`;
}
