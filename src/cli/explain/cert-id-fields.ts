import type { AnyCertID } from "../../ocsp/any-cert-id.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import { type Fields, hexText } from "./explanation.ts";
import { algorithmName } from "./names.ts";

/** A CertID to be shown. */
export function certIDFields(certID: AnyCertID): Fields {
  return {
    hashAlgorithm: algorithmName(certID.hashAlgorithm),
    issuerNameHash: hexText(certID.issuerNameHash),
    issuerKeyHash: hexText(certID.issuerKeyHash),
    serialNumber: serialNumberText(certID.serialNumber),
  };
}
