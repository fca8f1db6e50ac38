import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { DemoFiles } from "./demo-files.ts";

/** A demo issuer's files to try things with. */
type TryItFiles = Pick<DemoFiles, "name" | "caFile" | "goodFile" | "revokedFile">;

/** The running demo. */
interface TryItDemo {
  /** Of the public service, ending in "/". */
  readonly publicUrl: string;
  /** Of the operations listener, ending in "/". */
  readonly opsUrl: string;
  /** Where the lines will be run: the clone, whose config/vouch.yaml the commands find. */
  readonly folder: string;
  readonly issuers: readonly TryItFiles[];
}

/** What to try once the demo serves: lines to paste into a shell in `folder`, under headings. */
export async function tryItLines(demo: TryItDemo): Promise<string> {
  const sections = [
    section(
      "Ask for a good certificate (good until you revoke it below):",
      perIssuer(demo, ocspOf("goodFile")),
    ),
    section("Ask for a revoked one:", perIssuer(demo, ocspOf("revokedFile"))),
    section("Read a CRL:", perIssuer(demo, crlLine)),
    section("Look at it, revoke it, then ask again: it is revoked at once:", await commands(demo)),
    section("See the metrics:", [`curl -sS ${demo.opsUrl}metrics`]),
  ];
  return sections.join("\n");
}

type Line = (files: TryItFiles, demo: TryItDemo) => string;

function section(heading: string, lines: readonly string[]): string {
  return `# ${heading}\n${lines.map((line) => `${line}\n`).join("")}`;
}

function perIssuer(demo: TryItDemo, line: Line): string[] {
  return demo.issuers.map((files) => line(files, demo));
}

function ocspOf(subject: "goodFile" | "revokedFile"): Line {
  return (files, { folder, publicUrl }) => {
    const ca = pathIn(folder, files.caFile);
    const certificate = pathIn(folder, files[subject]);
    return `openssl ocsp -issuer ${ca} -cert ${certificate} -url ${publicUrl} -CAfile ${ca}`;
  };
}

function crlLine({ name }: TryItFiles, { publicUrl }: TryItDemo): string {
  return `curl -sS ${publicUrl}crl/${name}.crl | openssl crl -inform DER -text -noout`;
}

async function commands({ issuers }: TryItDemo): Promise<string[]> {
  const [first] = issuers;
  if (!first) return [];
  const serialNumber = await serialNumberIn(first.goodFile);
  return [
    `node src/vouch.js status ${first.name} ${serialNumber}`,
    `node src/vouch.js revoke ${first.name} ${serialNumber} --reason keyCompromise`,
  ];
}

async function serialNumberIn(file: string): Promise<string> {
  const { serialNumber } = new X509Certificate(await readFile(file));
  return serialNumber.toLowerCase();
}

/** As a shell reads it. */
function pathIn(folder: string, file: string): string {
  const path = relative(folder, file);
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
