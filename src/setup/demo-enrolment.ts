import type { ImportRow } from "../authority/admin-import-types.ts";
import { rfc3339 } from "../der/time.ts";
import type { SerialNumber } from "../x509/serial-number.ts";
import { serialNumberText } from "../x509/serial-number.ts";
import { type ServiceUrls, subscriberExtensions } from "./certificate-extensions.ts";
import { type DemoSigner, randomSerialNumber, signCertificate } from "./demo-certificate.ts";
import type { DemoKey } from "./demo-key.ts";
import type { DemoSubscriber } from "./demo-subscribers.ts";
import { pemText } from "./pem.ts";

/** A subscriber's certificate, and what an import is told of it. */
export interface Enrolled {
  readonly pem: string;
  readonly row: ImportRow;
}

/** What all subscribers of an issuer have in common. */
interface Enrolment {
  readonly issuer: DemoSigner;
  readonly key: DemoKey;
  readonly urls: ServiceUrls;
  /** The bundle that the certificates will stand in, one after the other, from its first line. */
  readonly file: string;
  /** Called after each certificate. */
  readonly step: () => void;
}

/** A certificate for each subscriber, in the same order. */
export async function enrol(
  subscribers: readonly DemoSubscriber[],
  enrolment: Enrolment,
): Promise<Enrolled[]> {
  const { issuer, key, urls, file, step } = enrolment;
  const extensions = subscriberExtensions(key, issuer.key, urls);
  const enrolled: Enrolled[] = [];
  let line = 1;
  for (const subscriber of subscribers) {
    const serialNumber = randomSerialNumber();
    const plan = { ...subscriber, key, serialNumber, extensions };
    const pem = pemText("CERTIFICATE", await signCertificate(plan, issuer));
    enrolled.push({ pem, row: rowOf(subscriber, serialNumber, file, line) });
    line += pem.split("\n").length - 1;
    step();
  }
  return enrolled;
}

function rowOf(
  { notAfter, revocation }: DemoSubscriber,
  serialNumber: SerialNumber,
  file: string,
  line: number,
): ImportRow {
  const invalidityDate = revocation?.invalidityDate;
  return {
    serialNumber: serialNumberText(serialNumber),
    notAfter: rfc3339(notAfter),
    status: revocation ? "revoked" : "good",
    reason: revocation?.reason ?? null,
    revocationDate: revocation ? rfc3339(revocation.revocationDate) : null,
    invalidityDate: invalidityDate === undefined ? null : rfc3339(invalidityDate),
    file,
    line,
  };
}
