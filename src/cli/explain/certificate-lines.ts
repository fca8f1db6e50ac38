import type { Flaw } from "../../der/flaw.ts";
import { DerError } from "../../der/reader.ts";
import { rfc3339 } from "../../der/time.ts";
import { readCertificate } from "../../x509/certificate.ts";
import { nameText } from "../../x509/name.ts";
import { serialNumberText } from "../../x509/serial-number.ts";
import type { Fields } from "./explanation.ts";

/** Certificates that a message carries, each in short; one that cannot be read is a flaw. */
export function certificateLines(
  certs: readonly Uint8Array[],
  where: string,
  flaws: Flaw[],
): Fields[] {
  return certs.map((der, i) => {
    try {
      const { subject, issuer, serialNumber, notBefore, notAfter } = readCertificate(der);
      return {
        subject: nameText(subject),
        issuer: nameText(issuer),
        serialNumber: serialNumberText(serialNumber),
        notBefore: rfc3339(notBefore),
        notAfter: rfc3339(notAfter),
      };
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      const problem = `no certificate: ${error.message}`;
      flaws.push({ where: `${where}[${i}]`, problem, rule: "RFC 5280 4.1", weight: "error" });
      return { octets: der.length };
    }
  });
}
