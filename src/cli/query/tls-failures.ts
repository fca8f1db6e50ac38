import { type Finding, wrong } from "./finding.ts";

/** Why there is no TLS with a host, by the error's code; nothing where the error is not of TLS. */
export function tlsFailure({ code }: NodeJS.ErrnoException, host: string): Finding | undefined {
  if (typeof code !== "string") return undefined;
  const known = FAILURES.get(code);
  if (known) return wrong(known[0](host), known[1]);
  if (!code.startsWith("ERR_SSL_")) return undefined;
  const reason = code.slice("ERR_SSL_".length).toLowerCase().replaceAll("_", " ");
  return wrong(
    `TLS with ${host} fails: ${reason}`,
    "see the TLS settings of the responder, or of the proxy before it",
  );
}

type Told = (host: string) => string;

const NOT_TRUSTED: readonly [Told, string] = [
  (host) => `the TLS certificate of ${host} is by no CA that this machine trusts`,
  "name its CA's certificate in NODE_EXTRA_CA_CERTS; OCSP clients ask by http, for they could not check this one",
];

const FAILURES: ReadonlyMap<string, readonly [Told, string]> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", NOT_TRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", NOT_TRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT", NOT_TRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", NOT_TRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", NOT_TRUSTED],
  ["CERT_HAS_EXPIRED", [(host) => `the TLS certificate of ${host} has expired`, "renew it"]],
  [
    "CERT_NOT_YET_VALID",
    [(host) => `the TLS certificate of ${host} is not valid yet`, "compare the clocks"],
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    [
      (host) => `the TLS certificate of ${host} does not name that host`,
      "ask by a name that it has, or have it issued for this one, too",
    ],
  ],
  [
    "ERR_SSL_WRONG_VERSION_NUMBER",
    [(host) => `${host} does not speak TLS`, "ask by http, or name the port that speaks TLS"],
  ],
  [
    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
    [(host) => `${host} does not speak TLS`, "ask by http, or name the port that speaks TLS"],
  ],
]);
