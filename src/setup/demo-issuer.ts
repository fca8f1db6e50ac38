import type { ImportRow } from "../authority/admin-import-types.ts";
import type { UnixSeconds } from "../der/time.ts";
import { caExtensions, ocspSignerExtensions, type ServiceUrls } from "./certificate-extensions.ts";
import { type DemoSigner, randomSerialNumber, signCertificate } from "./demo-certificate.ts";
import { type Enrolled, enrol } from "./demo-enrolment.ts";
import { type DemoFiles, filesOf } from "./demo-files.ts";
import { type DemoAlgorithm, type DemoKey, generateDemoKey, privateKeyDer } from "./demo-key.ts";
import type { DemoSubscriber } from "./demo-subscribers.ts";
import type { DemoName } from "./distinguished-name.ts";
import type { NewFile } from "./new-files.ts";
import { pemText } from "./pem.ts";

/** Where the demo's public service listens, as its certificates say. */
const DEMO_URL = "http://127.0.0.1:8080/";

/** One issuer of the demo: its files, and its certificates as an import takes them. */
export interface DemoIssuer extends DemoFiles {
  /** In the order of `certsFile`. */
  readonly rows: readonly ImportRow[];
}

/** What an issuer of the demo is to be. */
export interface IssuerPlan {
  readonly name: string;
  readonly algorithm: DemoAlgorithm;
  readonly subject: DemoName;
}

/** What all issuers of one run have in common. */
interface DemoRun {
  readonly folder: string;
  readonly now: UnixSeconds;
  readonly subscribers: readonly DemoSubscriber[];
  /** Called after each subscriber's certificate. */
  readonly step: () => void;
}

/** An issuer, and its files, still to be written. */
export interface MadeIssuer {
  readonly issuer: DemoIssuer;
  readonly files: readonly NewFile[];
}

const DAY = 86_400;
const YEAR = 365 * DAY;

/** Makes the issuer, its delegated OCSP signer and its subscribers; writes nothing. */
export async function makeIssuer(plan: IssuerPlan, run: DemoRun): Promise<MadeIssuer> {
  const { name, algorithm, subject } = plan;
  const paths = filesOf(run.folder, name);
  const ca: DemoSigner = { name: subject, key: await generateDemoKey(algorithm) };
  const signerKey = await generateDemoKey(algorithm);
  // One key for all subscribers, and nobody keeps its private half: the demo never signs as a
  // subscriber, and 150 RSA keys would take longer than all the rest together.
  const key = await generateDemoKey(algorithm);
  const enrolment = { issuer: ca, key, urls: urlsOf(name), file: paths.certsFile, step: run.step };
  const enrolled = await enrol(run.subscribers, enrolment);
  const files: NewFile[] = [
    publicFile(paths.caFile, await caCertificate(ca, run.now)),
    publicFile(paths.signerFile, await signerCertificate(signerKey, ca, run.now)),
    publicFile(paths.certsFile, enrolled.map(({ pem }) => pem).join("")),
    publicFile(paths.goodFile, firstOf(enrolled, "good")),
    publicFile(paths.revokedFile, firstOf(enrolled, "revoked")),
    await keyFile(paths.keyFile, ca.key),
    await keyFile(paths.signerKeyFile, signerKey),
  ];
  return { issuer: { ...paths, rows: enrolled.map(({ row }) => row) }, files };
}

function urlsOf(name: string): ServiceUrls {
  return {
    ocsp: DEMO_URL,
    caIssuers: `${DEMO_URL}ca/${name}.cer`,
    crl: `${DEMO_URL}crl/${name}.crl`,
  };
}

/** Self-signed, for 20 years, begun before the first of its subscribers. */
async function caCertificate(ca: DemoSigner, now: UnixSeconds): Promise<string> {
  const notBefore = now - 5 * YEAR;
  const der = await signCertificate(
    {
      subject: ca.name,
      key: ca.key,
      serialNumber: randomSerialNumber(),
      notBefore,
      notAfter: notBefore + 20 * YEAR,
      extensions: caExtensions(ca.key),
    },
    ca,
  );
  return pemText("CERTIFICATE", der);
}

/** For a year; begun a day ago, so that an answer's backdated thisUpdate lies within. */
async function signerCertificate(key: DemoKey, ca: DemoSigner, now: UnixSeconds): Promise<string> {
  const der = await signCertificate(
    {
      subject: { ...ca.name, commonName: `${ca.name.commonName} - OCSP` },
      key,
      serialNumber: randomSerialNumber(),
      notBefore: now - DAY,
      notAfter: now + YEAR,
      extensions: ocspSignerExtensions(key, ca.key),
    },
    ca,
  );
  return pemText("CERTIFICATE", der);
}

function firstOf(enrolled: readonly Enrolled[], status: ImportRow["status"]): string {
  return enrolled.find(({ row }) => row.status === status)?.pem ?? "";
}

function publicFile(path: string, content: string): NewFile {
  return { path, content, holds: "public" };
}

async function keyFile(path: string, key: DemoKey): Promise<NewFile> {
  return { path, content: pemText("PRIVATE KEY", await privateKeyDer(key)), holds: "key" };
}
