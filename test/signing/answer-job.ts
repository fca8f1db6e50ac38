import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { HASHES, type HashName } from "../../src/ocsp/hash.ts";
import { encodeRecordHead } from "../../src/ocsp/record.ts";
import type { IssuerParts } from "../../src/ocsp/template.ts";
import type { AnswerJob } from "../../src/signing/jobs.ts";
import { type Pair, packPairs } from "../../src/signing/packing.ts";
import { algorithmOf, isDirectSigner, publicKeyOf } from "../../src/signing/signer-check.ts";
import { type Certificate, keyHash, nameHash } from "../../src/x509/certificate.ts";
import type { ReasonCode } from "../../src/x509/reason.ts";
import { signatureSize } from "../../src/x509/signature-algorithm.ts";
import type { Pki } from "../support/openssl-pki.ts";

const started = Math.floor(Date.now() / 1000);

/** The second that all these answers are signed in. */
export const now = (): number => started;

const head = {
  hashes: ["sha1", "sha256"],
  signer: 1,
  version: 7,
  notAfter: started + 1_000_000,
  thisUpdate: started - 300,
  producedAt: started,
} as const;

/** A good record without signatures; nextUpdate lies this many seconds ahead. */
export function goodHead(ahead = 3_600): Buffer {
  return encodeRecordHead({
    ...head,
    status: "good",
    reason: 0,
    revocationDate: 0,
    invalidityDate: undefined,
    nextUpdate: started + ahead,
  });
}

/** A revoked record without signatures. */
export function revokedHead(reason: ReasonCode): Buffer {
  return encodeRecordHead({
    ...head,
    status: "revoked",
    reason,
    revocationDate: started - 86_400,
    invalidityDate: undefined,
    nextUpdate: started + 3_600,
  });
}

/** The issuer's parts, as the authority makes them. */
function issuerParts(ca: Certificate): IssuerParts {
  const names = Object.keys(HASHES) as HashName[];
  const hashes = (make: (hash: HashName) => Uint8Array): Record<HashName, Uint8Array> =>
    Object.fromEntries(names.map((name) => [name, make(name)])) as Record<HashName, Uint8Array>;
  return {
    nameHash: hashes((hash) => nameHash(ca.subject, hash)),
    keyHash: hashes((hash) => keyHash(ca, hash)),
    notBefore: ca.notBefore,
  };
}

/** A job for the CA's signer: these rows, every answer looked at twice. */
export function answerJob(pki: Pki, rows: readonly Pair[]): AnswerJob {
  const ca = readCertificateFile(pki.caCertificate);
  const signer = readCertificateFile(pki.signer.certificate);
  const algorithm = algorithmOf(signer) ?? "ecdsaP256";
  return {
    kind: "answers",
    keyFile: pki.signer.key,
    certificate: signer.der,
    issuer: issuerParts(ca),
    signer: {
      number: 1,
      certificate: signer.der,
      keyHash: keyHash(signer, "sha1"),
      algorithm,
      signatureSize: signatureSize(algorithm, publicKeyOf(signer)),
      direct: isDirectSigner(signer, ca),
      notAfter: signer.notAfter,
      archive: "forever",
    },
    rows: packPairs(rows),
    secondLook: "every",
  };
}
