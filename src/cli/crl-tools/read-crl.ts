import { type AnyCRL, readAnyCRL } from "../../crl/any-crl.ts";
import { walkEntries } from "../../crl/any-entries.ts";
import { isDelta, isIndirect } from "../../crl/crl-flaws.ts";
import { EntryTable } from "../../crl/entry-table.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { timeText } from "../../der/lenient-time.ts";
import { DerError } from "../../der/reader.ts";
import { nameText } from "../../x509/name.ts";
import { detectType } from "../explain/detect.ts";
import type { Field } from "../explain/explanation.ts";
import { extensionFields } from "../explain/extension-fields.ts";
import { readInput } from "../explain/input.ts";
import { algorithmName } from "../explain/names.ts";
import { Failure } from "../failure.ts";

/** A CRL that someone brought. */
export interface GivenCRL {
  /** The file or URL, as it was given. */
  readonly file: string;
  readonly der: Uint8Array;
  readonly crl: AnyCRL;
  /** Values of its extensions by their names, as an explanation shows them. */
  readonly extensions: ReadonlyMap<string, Field>;
}

/** What a CRL says of itself; absent is null. */
export interface CRLSummary {
  readonly file: string;
  readonly kind: "full" | "delta";
  readonly issuer: string;
  /** Decimal. */
  readonly crlNumber: string | null;
  readonly baseCRLNumber: string | null;
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  readonly signatureAlgorithm: string;
  readonly bytes: number;
}

/** Reads one CRL from a file, a URL, or standard input for `-`: DER, PEM, base64 or hexadecimal. */
export async function readCRL(file: string): Promise<GivenCRL> {
  const [input, ...others] = await readInput(file);
  if (!input || others.length > 0) {
    throw new Failure("badFile", `${file} holds ${others.length + 1} objects`, "give one CRL");
  }
  const { der, label } = input;
  if (detectType(der, label) !== "CertificateList") {
    throw new Failure("badFile", `${file} is no CRL`, "vouch explain tells what it is");
  }
  try {
    const crl = readAnyCRL(new LenientReader(der, "CertificateList"));
    const fields = extensionFields(crl.crlExtensions, "crlExtensions", []);
    const extensions = new Map(
      fields.map(({ name, value = null }): [string, Field] => [String(name), value]),
    );
    return { file, der, crl, extensions };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const remedy = "it begins as a CRL does, and is cut off or damaged: get it anew";
    throw new Failure("badFile", `${file}: ${error.message}`, remedy);
  }
}

/** What a CRL says of itself. */
export function summaryOf({ file, der, crl, extensions }: GivenCRL): CRLSummary {
  const decimal = (name: string): string | null => {
    const value = extensions.get(name);
    return typeof value === "string" ? value : null;
  };
  return {
    file,
    kind: isDelta(crl) ? "delta" : "full",
    issuer: nameText(crl.issuer, 500),
    crlNumber: decimal("cRLNumber"),
    baseCRLNumber: decimal("deltaCRLIndicator"),
    thisUpdate: timeText(crl.thisUpdate),
    nextUpdate: crl.nextUpdate ? timeText(crl.nextUpdate) : null,
    signatureAlgorithm: algorithmName(crl.signatureAlgorithm),
    bytes: der.length,
  };
}

/** A CRL's entries in the order of their serial numbers, which on an indirect CRL tell no certificate. */
export function entriesOf({ crl, file }: Pick<GivenCRL, "crl" | "file">): EntryTable {
  if (isIndirect(crl)) {
    const problem = `${file} is an indirect CRL: its entries are of several CAs, which are not told apart here`;
    throw new Failure(
      "badFile",
      problem,
      "compare the CAs' own CRLs; vouch crl explain shows this one",
    );
  }
  const table = new EntryTable();
  walkEntries(crl.revokedCertificates ?? new Uint8Array(0), (entry) => table.add(entry));
  table.sort();
  return table;
}
