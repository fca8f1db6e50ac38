import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { BadLine, ImportRow } from "../authority/admin-import-types.ts";
import {
  type CertificateImport,
  importIssuer,
  readCertificates,
} from "../authority/import/certificates.ts";
import { readCsv } from "../authority/import/csv.ts";
import { detectFormat, type ImportFormat } from "../authority/import/detect.ts";
import { readIndexText } from "../authority/import/index-txt.ts";
import type { Parsed } from "../authority/import/parsed.ts";
import { CertificateUrls } from "../authority/import/served-urls.ts";
import { sortImport } from "../authority/import/sort.ts";
import type { IssuerConfig, Problem } from "../config/config.ts";
import { readIssuerCertificate } from "./certificate-file.ts";
import { Failure } from "./failure.ts";
import { type Progress, withProgress } from "./progress.ts";
import { servedPaths } from "./served-paths.ts";

/** A CRL as it was found. */
export interface CRLFile {
  readonly crl: string;
  readonly octets: Buffer;
}

function isCRLFile(read: Parsed | CRLFile): read is CRLFile {
  return "crl" in read;
}

/** What the files of an import say, in the order of the store. */
interface ImportRead {
  /** CRLs, which the authority reads for itself. */
  readonly crls: readonly CRLFile[];
  readonly rows: readonly ImportRow[];
  readonly bad: readonly BadLine[];
  /** URLs in the certificates that this issuer's paths do not answer. */
  readonly unservedUrls: readonly Problem[];
}

/** Reads all files before anything is sent: what cannot be read at all is a `Failure`. */
export async function readImport(
  issuer: IssuerConfig,
  named: readonly string[],
  format: ImportFormat | undefined,
): Promise<ImportRead> {
  const files = (await Promise.all(named.map(filesOf))).flat();
  const urls = new CertificateUrls();
  const ca = importIssuer(await readIssuerCertificate(issuer));
  const certificates: CertificateImport = {
    issuer: ca,
    onCertificate: (...certificate) => urls.add(...certificate),
  };
  const read = await withProgress("reading", (progress) =>
    parseAll(files, (file) => parseFile(file, format, certificates), progress),
  );
  const parsed = read.filter((one): one is Parsed => !isCRLFile(one));
  return {
    ...sortImport(parsed),
    crls: read.filter(isCRLFile),
    unservedUrls: urls.unserved(servedPaths(issuer)),
  };
}

async function parseAll(
  files: readonly string[],
  parse: (file: string) => Promise<Parsed | CRLFile>,
  progress: Progress,
): Promise<(Parsed | CRLFile)[]> {
  const parsed: (Parsed | CRLFile)[] = [];
  for (const file of files) {
    parsed.push(await parse(file));
    progress(parsed.length, files.length);
  }
  return parsed;
}

async function parseFile(
  file: string,
  format: ImportFormat | undefined,
  certificates: CertificateImport,
): Promise<Parsed | CRLFile> {
  const octets = await octetsOf(file);
  const now = Date.now() / 1000;
  switch (format ?? detectFormat(file, octets.subarray(0, HEAD))) {
    case "certs":
      return readCertificates(file, octets, certificates);
    case "index":
      return readIndexText(file, octets, now);
    case "csv":
      return readCsv(file, octets, now);
    case "crl":
      return { crl: file, octets };
    case undefined:
      return { claims: "status", rows: [], bad: [{ file, line: 1, message: UNKNOWN_FORMAT }] };
  }
}

/** As many octets as show the format. */
const HEAD = 4096;

const UNKNOWN_FORMAT =
  "neither certificates nor index.txt nor CSV nor a CRL can be seen here: say which with --format certs, index, csv or crl";

/** A folder stands for the regular files in it. */
async function filesOf(path: string): Promise<string[]> {
  if (path === "-") return [path];
  const found = await readable(path, stat(path));
  if (!found.isDirectory()) return [path];
  const entries = await readable(path, readdir(path, { withFileTypes: true }));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(path, name));
  return files.sort();
}

function octetsOf(file: string): Promise<Buffer> {
  return file === "-" ? buffer(process.stdin) : readable(file, readFile(file));
}

async function readable<Content>(path: string, reading: Promise<Content>): Promise<Content> {
  return reading.catch((error: Error) => {
    const remedy = "check the path and who may read it; nothing was imported";
    throw new Failure("badFile", `cannot read ${path}: ${error.message}`, remedy);
  });
}
