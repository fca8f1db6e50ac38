import { existsSync } from "node:fs";
import type { Config, IssuerConfig } from "../config/config.ts";
import { parseSerialNumber, serialNumberText } from "../x509/serial-number.ts";
import { isOfIssuer, issuerOf, readCertificateFile } from "./certificate-file.ts";
import { issuerNames } from "./configuration.ts";
import { Failure } from "./failure.ts";

/** Certificates of one issuer that the arguments name. */
export interface NamedCertificates {
  readonly issuer: string;
  /** As outputs have them, none twice. */
  readonly serialNumbers: readonly string[];
}

/** What `[ISSUER] SERIAL|CERTFILE…` names, by issuer. The issuer may be left out before files. */
export async function namedCertificates(
  given: readonly string[],
  config: Config,
): Promise<NamedCertificates[]> {
  const [first = "", ...rest] = given;
  const issuer = config.issuers.find(({ name }) => name === first);
  const named = new Map<string, Set<string>>();
  if (issuer) named.set(issuer.name, new Set());
  else refuseMissingIssuer(first, config);
  for (const text of issuer ? rest : given) {
    const one = await nameOne(text, issuer, config);
    named.set(one.issuer, (named.get(one.issuer) ?? new Set()).add(one.serialNumber));
  }
  return [...named].map(([name, serials]) => ({ issuer: name, serialNumbers: [...serials] }));
}

/** Hexadecimal digits and colons, or 0x and digits; anything else is a file. */
function looksLikeSerialNumber(text: string): boolean {
  return /^(0x)?[0-9a-f:]+$/i.test(text);
}

/** A serial number in hexadecimal as outputs have it, or nothing when it is none. */
export function normalSerialNumber(text: string): string | undefined {
  const serialNumber = looksLikeSerialNumber(text) ? parseSerialNumber(text) : undefined;
  return serialNumber && serialNumberText(serialNumber);
}

/** Without an issuer, the first argument must be a file. */
function refuseMissingIssuer(first: string, config: Config): void {
  const couldBeFile = /[./]/.test(first) || existsSync(first);
  if (couldBeFile && !looksLikeSerialNumber(first)) return;
  throw new Failure(
    "unknownIssuer",
    `"${first}" is no issuer of ${config.file}`,
    `name one of its issuers first: ${issuerNames(config)}; before a certificate file it may be left out`,
  );
}

async function nameOne(
  text: string,
  issuer: IssuerConfig | undefined,
  config: Config,
): Promise<{ issuer: string; serialNumber: string }> {
  if (!looksLikeSerialNumber(text)) return nameFile(text, issuer, config);
  const serialNumber = normalSerialNumber(text);
  if (!serialNumber) {
    throw new Failure("usage", `"${text}" is no serial number`, HOW_TO_NAME);
  }
  if (!issuer) {
    throw new Failure("usage", `"${text}" is a serial number without an issuer`, HOW_TO_NAME);
  }
  return { issuer: issuer.name, serialNumber };
}

async function nameFile(
  file: string,
  issuer: IssuerConfig | undefined,
  config: Config,
): Promise<{ issuer: string; serialNumber: string }> {
  const certificate = await readCertificateFile(file, HOW_TO_NAME);
  const serialNumber = serialNumberText(certificate.serialNumber);
  if (!issuer) return { issuer: (await issuerOf(file, certificate, config)).name, serialNumber };
  if (await isOfIssuer(certificate, issuer)) return { issuer: issuer.name, serialNumber };
  throw new Failure(
    "badFile",
    `${file} was not issued by ${issuer.name}`,
    "leave the issuer out, and it is found; or give the certificate of this issuer",
  );
}

const HOW_TO_NAME =
  "give the ISSUER, then a serial number in hexadecimal (1 to 32 octets, not zero), or a certificate file (./name where the name is hexadecimal)";
