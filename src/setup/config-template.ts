import { basename } from "node:path";
import type { DemoFiles } from "./demo-files.ts";

/** A demo issuer's files, which lie in `pki/` beside the configuration. */
type DemoIssuerFiles = Pick<
  DemoFiles,
  "name" | "caFile" | "keyFile" | "signerFile" | "signerKeyFile"
>;

/**
 * The configuration that `vouch init DIR` writes to DIR/config/vouch.yaml: every key with its
 * default, and one issuer whose files the operator is to supply; `vouch check` names them.
 */
export function starterConfig(): string {
  return STARTER;
}

/** The configuration of the demo, whose certificates name this port. */
export function demoConfig(issuers: readonly DemoIssuerFiles[]): string {
  return `${DEMO_HEAD}${issuers.map(demoIssuer).join("")}`;
}

function demoIssuer({ name, caFile, keyFile, signerFile, signerKeyFile }: DemoIssuerFiles): string {
  const pki = (file: string): string => `pki/${basename(file)}`;
  return `
  - name: ${name}
    certificate: ${pki(caFile)}
    ocsp:
      signers:
        - { certificate: ${pki(signerFile)}, key: ${pki(signerKeyFile)} }
    crl:
      signer: { certificate: ${pki(caFile)}, key: ${pki(keyFile)} }
`;
}

const DEMO_HEAD =
  `# Vouch's demo: a throw-away PKI, its keys unencrypted beside this file. For trying, never for use.
# Relative paths start from this file's folder. \`vouch init DIR\` writes a file with every key explained.

data: ../var
public: { http: "127.0.0.1:8080" }
ops: "127.0.0.1:9464"

issuers:
`.trimEnd();

const STARTER = `# Vouch's configuration. After a change: \`vouch check\`, then \`vouch reload\`.
# Relative paths start from this file's folder. A key that Vouch does not know is an error.
# Durations are a whole number and s, m, h, d or y, or 0. The values shown are the defaults,
# but for \`issuers\`: put your own CA's files there.

data: ../var                       # the store, and the CRLs that were published
public: { http: "0.0.0.0:8080" }   # where relying parties ask: OCSP, CRLs, CA certificates
ops: "127.0.0.1:9464"              # /metrics, /healthz, /readyz; keep it inside
admin: ../var/admin.sock           # where the vouch command asks; group vouch-admin
liveSign: ../var/live-sign.sock    # between responders and the authority; group vouch-store
responders: 1                      # processes that answer the network; auto = one per core
signingThreads: auto               # threads that sign, at low priority; auto = one per core

issuers:
  - name: gov-1                    # in commands, logs and metrics, and the CRL's file name
    certificate: pki/gov-1.pem     # the issuing CA's certificate
    source: issued                 # only certificates that were imported are known
    hold: false                    # true: certificates may be suspended (vouch hold)
    paths: []                      # more paths of the CA certificate, as [/pki/pub/crt/gov-1.crt]
    ocsp:
      signers:                     # of the valid ones, that with the latest notBefore signs
        - { certificate: pki/gov-1-ocsp.pem, key: pki/gov-1-ocsp.key }
      hashes: [sha1, sha256]       # of the CertIDs that answers are signed for in advance
      validity: 24h                # from thisUpdate to nextUpdate of an answer; at least 10s
      backdate: 5m                 # thisUpdate lies this far back, for clients with slow clocks
      unissued: unauthorized       # what a serial number that is not known is answered
      nonce: live                  # signs an answer for each nonce; ignore: answers are without it
      archive: forever             # answers after a certificate's expiry; or this long, as 10y
    crl:                           # without this part there is no CRL
      signer: { certificate: pki/gov-1.pem, key: pki/gov-1.key }   # the CA's own
      validity: 48h                # from thisUpdate to nextUpdate of a CRL
      every: 12h                   # a new CRL this often
      onRevocation: 1m             # a new CRL within this time of a revocation; 0 = never
      leastInterval: 1m            # but not two full ones within this time
      keepExpired: true            # revoked certificates stay listed after they expire
      keep: 20                     # how many CRLs stay at their numbers' paths, or as 90d how long
      # url: "http://crl.example.vn/crl/gov-1.crl"   # as in the certificates' CRLDistributionPoints
      # delta: 1h                  # a delta CRL this often; needs url
      # shards: 16                 # CRLs besides, each of a part of the certificates; needs url
      paths: []                    # more paths of the CRL, as [/pki/pub/crl/gov-1.crl]
`;
