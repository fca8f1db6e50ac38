import { OCSPRequest } from "pkijs";
import type { HashName } from "../../src/x509/certificate.ts";
import type { MeantRequest } from "./request-octets.ts";

/** RFC 6960 appendix B.1: id-pkix-ocsp-nonce. */
const NONCE = "1.3.6.1.5.5.7.48.1.2";

const HASH_NAMES: Readonly<Record<string, HashName>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** What pkijs reads in an OCSPRequest, or nothing when it does not take it. It takes BER, too. */
export function pkijsReads(der: Uint8Array): Omit<MeantRequest, "der"> | undefined {
  const request = parsed(der);
  if (!request) return undefined;
  const { requestList, requestExtensions } = request.tbsRequest;
  const nonce = requestExtensions?.find(({ extnID }) => extnID === NONCE);
  return {
    certIDs: requestList.map(({ reqCert }) => ({
      hash: HASH_NAMES[reqCert.hashAlgorithm.algorithmId],
      issuerNameHash: hex(reqCert.issuerNameHash.valueBlock.valueHexView),
      issuerKeyHash: hex(reqCert.issuerKeyHash.valueBlock.valueHexView),
      serialNumber: hex(reqCert.serialNumber.valueBlock.valueHexView),
    })),
    nonce: nonce && hex(nonce.extnValue.valueBlock.valueHexView),
  };
}

function parsed(der: Uint8Array): OCSPRequest | undefined {
  try {
    return OCSPRequest.fromBER(Uint8Array.from(der));
  } catch {
    return undefined;
  }
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
