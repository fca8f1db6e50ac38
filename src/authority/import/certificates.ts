import { createPublicKey, type KeyObject } from "node:crypto";
import { oidText, sameOctets } from "../../der/oids.ts";
import { DerError } from "../../der/reader.ts";
import { rfc3339 } from "../../der/time.ts";
import { type Certificate, readCertificate } from "../../x509/certificate.ts";
import { signatureOid, verifySignature } from "../../x509/certificate-signature.ts";
import { nameText } from "../../x509/name.ts";
import { parseSerialNumber, serialNumberText } from "../../x509/serial-number.ts";
import type { BadLine, ImportRow } from "../admin-import-types.ts";
import { type CertificateInFile, certificatesIn } from "./certificate-files.ts";
import { isWrong, type Parsed, type Wrong } from "./parsed.ts";
import { wrongSerialNumber } from "./register-row.ts";

/** The CA that the imported certificates must be issued by; made once for an import. */
export interface ImportIssuer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** What an import of certificates reads besides one file. */
export interface CertificateImport {
  readonly issuer: ImportIssuer;
  /** Sees each certificate that goes in, for what else it says: the URLs that are in it. */
  readonly onCertificate?: (certificate: Certificate, file: string, line: number) => void;
}

/** The issuer with its key ready to verify with; throws node:crypto's error when the key is none it knows. */
export function importIssuer(certificate: Certificate): ImportIssuer {
  const key = Buffer.from(certificate.subjectPublicKeyInfo);
  return { certificate, key: createPublicKey({ key, format: "der", type: "spki" }) };
}

/**
 * The certificates of one file, PEM with any number of them or DER with one, as rows with status
 * good. What the issuer's key did not sign is bad. The issuer's own certificate, as bundles with
 * the chain have it, is passed over: its status is its own issuer's to tell.
 */
export function readCertificates(
  file: string,
  octets: Uint8Array,
  { issuer, onCertificate }: CertificateImport,
): Parsed {
  const rows: ImportRow[] = [];
  const bad: BadLine[] = [];
  for (const { line, content } of certificatesIn(octets)) {
    const judged = judge(content, issuer);
    if (judged === "issuer") continue;
    if (isWrong(judged)) {
      bad.push({ file, line, message: judged.wrong });
      continue;
    }
    rows.push(goodRow(judged, file, line));
    onCertificate?.(judged, file, line);
  }
  return { claims: "issuance", rows, bad };
}

function judge(
  content: CertificateInFile["content"],
  issuer: ImportIssuer,
): Certificate | Wrong | "issuer" {
  const certificate = isWrong(content) ? content : readOne(content.der);
  if (isWrong(certificate)) return certificate;
  if (isOwn(certificate, issuer)) return "issuer";
  return wrongCertificate(certificate, issuer) ?? certificate;
}

/** Why this certificate is not the issuer's, or nothing when its key signed it. */
function wrongCertificate(certificate: Certificate, issuer: ImportIssuer): Wrong | undefined {
  const name = nameText(issuer.certificate.subject);
  if (!sameOctets(certificate.issuer, issuer.certificate.subject)) {
    return { wrong: `issued by "${nameText(certificate.issuer)}", not by this issuer "${name}"` };
  }
  switch (verifySignature(certificate, issuer.key)) {
    case "verified":
      return unusableSerialNumber(certificate);
    case "notVerified":
      return { wrong: `its signature does not verify with the key of "${name}"` };
    case "unknownAlgorithm":
      return {
        wrong: `its signature algorithm ${oidText(signatureOid(certificate))} is not known`,
      };
  }
}

function unusableSerialNumber({ serialNumber }: Certificate): Wrong | undefined {
  const text = serialNumberText(serialNumber);
  const parsed = parseSerialNumber(text);
  if (parsed && sameOctets(parsed, serialNumber)) return undefined;
  const isNegative = (serialNumber[0] as number) > 0x7f;
  return wrongSerialNumber(isNegative ? `${text} (negative)` : text);
}

function isOwn(certificate: Certificate, { certificate: own }: ImportIssuer): boolean {
  return (
    sameOctets(certificate.subject, own.subject) &&
    sameOctets(certificate.subjectPublicKeyInfo, own.subjectPublicKeyInfo)
  );
}

function readOne(der: Uint8Array): Certificate | Wrong {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError) return { wrong: `not a certificate: ${error.message}` };
    throw error;
  }
}

function goodRow(certificate: Certificate, file: string, line: number): ImportRow {
  return {
    serialNumber: serialNumberText(certificate.serialNumber),
    notAfter: rfc3339(certificate.notAfter),
    notBefore: rfc3339(certificate.notBefore),
    status: "good",
    reason: null,
    revocationDate: null,
    invalidityDate: null,
    claims: "issuance",
    file,
    line,
  };
}
