import { readRequest } from "../../src/ocsp/request.ts";
import type { MeantRequest } from "./request-octets.ts";

/** What `readRequest` gives, in the form that can be compared; an error as it is. */
export function read(der: Uint8Array): Omit<MeantRequest, "der"> | Error {
  const request = readRequest(der);
  if (request instanceof Error) return request;
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
  return {
    certIDs: request.certIDs.map(({ hash, issuerNameHash, issuerKeyHash, serialNumber }) => ({
      hash,
      issuerNameHash: hex(issuerNameHash),
      issuerKeyHash: hex(issuerKeyHash),
      serialNumber: hex(serialNumber),
    })),
    nonce: request.nonce && hex(request.nonce.extnValue),
  };
}
