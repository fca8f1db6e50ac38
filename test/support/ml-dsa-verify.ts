import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import { type BitString, fromBER, type ObjectIdentifier, type Sequence } from "asn1js";
import { Certificate, OCSPResponse } from "pkijs";

const ALGORITHMS: Readonly<Record<string, typeof ml_dsa65>> = {
  "2.16.840.1.101.3.4.3.17": ml_dsa44,
  "2.16.840.1.101.3.4.3.18": ml_dsa65,
  "2.16.840.1.101.3.4.3.19": ml_dsa87,
};

/**
 * Verifies by @noble/post-quantum what has the shape of a certificate, a CRL or a BasicOCSPResponse, read
 * by asn1js: what is signed, the AlgorithmIdentifier (without parameters, RFC 9881 2), the signature.
 */
export function mlDsaVerifies(der: Uint8Array, certificateFile: string): boolean {
  const [signed, identifier, signature] = parts(fromBER(der).result);
  const [algorithm, ...parameters] = parts(identifier);
  const oid = (algorithm as ObjectIdentifier).valueBlock.toString();
  const { raw } = new X509Certificate(readFileSync(certificateFile));
  const key = new Certificate({ schema: fromBER(raw).result }).subjectPublicKeyInfo;
  if (parameters.length > 0 || key.algorithm.algorithmId !== oid) return false;
  return (
    ALGORITHMS[oid]?.verify(
      (signature as BitString).valueBlock.valueHexView,
      (signed as Sequence).valueBeforeDecodeView,
      key.subjectPublicKey.valueBlock.valueHexView,
    ) ?? false
  );
}

/** The BasicOCSPResponse in an OCSPResponse, as pkijs reads it. */
export function basicResponse(der: Uint8Array): Uint8Array {
  const response = new OCSPResponse({ schema: fromBER(der).result });
  return response.responseBytes?.response.valueBlock.valueHexView ?? new Uint8Array();
}

function parts(sequence: unknown): readonly unknown[] {
  return (sequence as Sequence).valueBlock.value;
}
