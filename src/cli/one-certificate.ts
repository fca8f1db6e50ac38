import type { Config } from "../config/config.ts";
import { Failure } from "./failure.ts";
import { namedCertificates } from "./named-certificates.ts";

/** The one certificate that `[ISSUER] SERIAL|CERTFILE` names; `command` is for what is said otherwise. */
export async function oneCertificate(
  command: string,
  given: readonly string[],
  config: Config,
): Promise<{ issuer: string; serialNumber: string }> {
  const [named, ...others] = await namedCertificates(given, config);
  const [serialNumber, ...more] = named?.serialNumbers ?? [];
  if (named && serialNumber && others.length === 0 && more.length === 0) {
    return { issuer: named.issuer, serialNumber };
  }
  throw new Failure(
    "usage",
    `${command} tells of one certificate`,
    "give its ISSUER and serial number, or its file",
  );
}
