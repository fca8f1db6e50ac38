import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { certificatesIn, looksLikeDer } from "../../authority/import/certificate-files.ts";
import { isWrong } from "../../authority/import/parsed.ts";
import { DerError } from "../../der/reader.ts";
import { rfc3339 } from "../../der/time.ts";
import { type Certificate, readCertificate } from "../../x509/certificate.ts";
import { nameText } from "../../x509/name.ts";
import {
  parseSerialNumber,
  type SerialNumber,
  serialNumberText,
} from "../../x509/serial-number.ts";
import { isIssuedBy, readCertificateFile } from "../certificate-file.ts";
import { Failure } from "../failure.ts";
import { serialsIn } from "../serial-list.ts";
import { advice, type Finding, wrong } from "./finding.ts";

/** One certificate to ask about. */
export interface Subject {
  /** The file that it came from; nothing for a serial number. */
  readonly file: string | undefined;
  readonly serialNumber: SerialNumber;
  readonly certificate: Certificate | undefined;
}

/** What the command line names. */
export interface NamedSubjects {
  readonly files: readonly string[];
  readonly serials: readonly string[];
  /** A bundle of certificates, or serial numbers one a line. */
  readonly list: string | undefined;
}

/** Everything that is asked about, in the order given. */
export async function readSubjects(named: NamedSubjects): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const file of named.files) {
    const remedy = "give certificates in PEM or DER; --serial takes a serial number";
    subjects.push(ofCertificate(file, await readCertificateFile(file, remedy)));
  }
  for (const serial of named.serials) subjects.push(ofSerial(serial));
  if (named.list !== undefined) subjects.push(...(await readList(named.list)));
  if (subjects.length > 0) return subjects;
  throw new Failure(
    "usage",
    "there is no certificate to ask about",
    "give certificate files, --serial HEX, or --file LIST",
  );
}

/** What speaks against asking this CA's responder about a certificate. */
export function subjectFindings(
  { certificate }: Subject,
  issuer: Certificate,
  now: number,
): Finding[] {
  if (!certificate) return [];
  const findings: Finding[] = [];
  if (!isIssuedBy(certificate, issuer)) {
    findings.push(
      wrong(
        `the certificate was issued by "${nameText(certificate.issuer)}", and not by the key of --issuer, "${nameText(issuer.subject)}"`,
        "give the certificate of the CA that issued it with --issuer",
      ),
    );
  }
  if (now > certificate.notAfter) {
    findings.push(
      advice(
        `the certificate itself expired on ${rfc3339(certificate.notAfter)}`,
        "ask about one that is valid, unless old documents are the point",
      ),
    );
  }
  return findings;
}

function ofCertificate(file: string, certificate: Certificate): Subject {
  return { file, serialNumber: certificate.serialNumber, certificate };
}

function ofSerial(written: string): Subject {
  const serialNumber = parseSerialNumber(written);
  if (serialNumber) return { file: undefined, serialNumber, certificate: undefined };
  throw new Failure(
    "usage",
    `"${written}" is no serial number`,
    "write it in hexadecimal, with or without colons",
  );
}

async function readList(file: string): Promise<Subject[]> {
  const octets = await readOctets(file);
  const looksLikeCertificates = looksLikeDer(octets) || octets.includes("-----BEGIN ");
  if (!looksLikeCertificates) return serialsIn(octets.toString("utf8"), file).map(ofSerial);
  return [...certificatesIn(octets)].map(({ line, content }) => {
    const where = `${file}:${line}`;
    if (isWrong(content)) throw badList(where, content.wrong);
    try {
      return ofCertificate(where, readCertificate(content.der));
    } catch (error) {
      if (error instanceof DerError) throw badList(where, error.message);
      throw error;
    }
  });
}

function badList(where: string, problem: string): Failure {
  return new Failure("badFile", `${where}: ${problem}`, "mend it and try again: nothing was asked");
}

async function readOctets(file: string): Promise<Buffer> {
  if (file === "-") return Buffer.from(await text(process.stdin), "utf8");
  return readFile(file).catch((error: Error) => {
    throw new Failure("badFile", `cannot read ${file}: ${error.message}`, "check the path");
  });
}

/** The serial number of a subject, as outputs have it. */
export function subjectSerial({ serialNumber }: Pick<Subject, "serialNumber">): string {
  return serialNumberText(serialNumber);
}
