import { LenientReader } from "../../der/lenient-reader.ts";
import type { BasicOCSPResponse } from "../../ocsp/any-response.ts";
import { readAlgorithm } from "../../x509/algorithm-identifier.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { publicKeyOf } from "../../x509/public-key.ts";
import { algorithmName } from "../explain/names.ts";
import { advice, type Finding } from "./finding.ts";

/** Fewer bits of an RSA modulus are not signed with any more (NIST SP 800-131A). */
const SHORTEST_RSA_BITS = 2048;

/** What clients of today refuse though it verifies: SHA-1 in signatures, and short keys. */
export function* strengthFindings(
  { signatureAlgorithm }: BasicOCSPResponse,
  { certificate, by }: { readonly certificate: Certificate; readonly by: "ca" | "delegate" },
): Generator<Finding> {
  if (isSha1(signatureAlgorithm.der)) {
    const remedy = "have the responder sign with SHA-256 or better";
    yield advice("the answer is signed with SHA-1, which clients of today refuse", remedy);
  }
  // A CA is trusted as it stands, however its certificate is signed.
  if (by === "delegate" && isSha1(certificate.signatureAlgorithm)) {
    const problem = "the signer's certificate is signed with SHA-1, which clients of today refuse";
    yield advice(problem, "have the CA issue it anew, signed with SHA-256 or better");
  }
  const bits = publicKeyOf(certificate)?.asymmetricKeyDetails?.modulusLength;
  if (bits === undefined || bits >= SHORTEST_RSA_BITS) return;
  const problem = `the signer's RSA key has ${bits} bits, which clients of today refuse`;
  yield advice(problem, `have a signer with ${SHORTEST_RSA_BITS} bits or more, or ECDSA P-256`);
}

function isSha1(algorithm: Uint8Array): boolean {
  const reader = new LenientReader(algorithm, "AlgorithmIdentifier");
  return /sha1/i.test(algorithmName(readAlgorithm(reader)));
}
