import { z } from "zod";
import { scalar } from "./scalar.ts";

/** What Vouch serves by itself; a configured path under these would never be reached, or hide it. */
const taken: readonly { begins: RegExp; because: string }[] = [
  { begins: /^\/M/, because: "a GET that begins with /M is an OCSP request" },
  { begins: /^\/ocsp(\/|$)/, because: "/ocsp is where OCSP is answered" },
  { begins: /^\/crl(\/|$)/, because: "/crl/ is where every CRL is served already" },
  { begins: /^\/ca(\/|$)/, because: "/ca/ is where every CA certificate is served already" },
  // With all leading slashes stripped, //Mx would be an OCSP request, and // is /.
  { begins: /^\/(\/|$)/, because: "leading slashes count as one" },
];

const pathPattern = /^\/[!-~]*$/;

/** More paths that one file is served under, as clients send them in a request line. */
export function urlPaths(example: string): z.ZodType<string[]> {
  const path = scalar((raw) => {
    if (typeof raw !== "string" || !pathPattern.test(raw) || /[?#]/.test(raw)) {
      const must = "a path that begins with / and has no blank, ? or #";
      return { must, do: `write it as the URL has it after the host, such as ${example}` };
    }
    const clash = taken.find(({ begins }) => begins.test(raw));
    if (clash === undefined) return { value: raw };
    return { must: `another path, as ${clash.because}`, do: `choose one such as ${example}` };
  });
  return z.array(path);
}

/** The URL of a CRL as certificates have it: plain HTTP, as fetching it over TLS may need a CRL first (RFC 5280 8). */
export function crlURL(): z.ZodType<string> {
  return scalar((raw) =>
    typeof raw === "string" && isPlainURL(raw)
      ? { value: raw }
      : {
          must: "an http:// URL",
          do: 'write it as certificates have it: "http://HOST/crl/NAME.crl"',
        },
  );
}

function isPlainURL(text: string): boolean {
  return /^http:\/\/[!-~]+$/.test(text) && URL.canParse(text);
}

/** The path that every issuer's CRL is served under. */
export function crlPath(name: string): string {
  return `/crl/${name}.crl`;
}
