import type { Flaw } from "../der/flaw.ts";
import { OIDS, oidText } from "../der/oids.ts";
import { DerError, DerReader, Tag } from "../der/reader.ts";
import type { AnyExtension } from "../x509/extension-list.ts";

/** The lists of extensions that OCSP has (RFC 6960 4.4). */
export type ExtensionPlace =
  | "requestExtensions"
  | "singleRequestExtensions"
  | "responseExtensions"
  | "singleExtensions";

const NONCE = oidText(OIDS.ocspNonce);
const REASON_CODE = oidText(OIDS.crlReason);
const LONGEST_NONCE = 128;
const LEAST_NONCE = 32;

/** What RFC 6960 4.4 and RFC 5280 5.3 let stand in each list. */
const KNOWN: Readonly<Record<ExtensionPlace, readonly string[]>> = {
  requestExtensions: [NONCE, oidText(OIDS.ocspResponse), oidText(OIDS.ocspPrefSigAlgs)],
  singleRequestExtensions: [oidText(OIDS.ocspServiceLocator)],
  responseExtensions: [NONCE, "1.3.6.1.5.5.7.48.1.9"],
  singleExtensions: [
    "1.3.6.1.5.5.7.48.1.3",
    oidText(OIDS.ocspArchiveCutoff),
    REASON_CODE,
    oidText(OIDS.invalidityDate),
    "2.5.29.29",
  ],
};

/** All that is wrong with a list of extensions; `where` is its path, ending in `place`. */
export function extensionFlaws(
  extensions: readonly AnyExtension[],
  place: ExtensionPlace,
  where: string,
): Flaw[] {
  return extensions.flatMap((extension) => [
    ...criticalFlaws(extension, place, where),
    ...(extension.oid === NONCE ? nonceFlaws(extension, place, where) : []),
    ...(extension.oid === REASON_CODE && place === "singleExtensions" ? [REASON_FLAW(where)] : []),
  ]);
}

/** The nonce's octets; a value without the inner OCTET STRING, as before RFC 6960, is taken as it is. */
export function nonceOctets(extensions: readonly AnyExtension[]): Uint8Array | undefined {
  const nonce = extensions.find(({ oid }) => oid === NONCE);
  return nonce && (unwrapped(nonce.value) ?? nonce.value);
}

function criticalFlaws(
  { oid, isCritical }: AnyExtension,
  place: ExtensionPlace,
  where: string,
): Flaw[] {
  if (!isCritical) return [];
  if (KNOWN[place].includes(oid)) {
    const problem = `extension ${oid} is critical, which none of OCSP's should be`;
    return [{ where, problem, rule: "RFC 6960 4.4", weight: "advice" }];
  }
  const problem = `extension ${oid} is critical and not known here: who does not know it must refuse`;
  return [{ where, problem, rule: "RFC 6960 4.4", weight: "error" }];
}

function nonceFlaws({ value }: AnyExtension, place: ExtensionPlace, where: string): Flaw[] {
  const flaws: Flaw[] = [];
  const add = (weight: Flaw["weight"], problem: string, rule = "RFC 9654 2.1"): void => {
    flaws.push({ where, problem, rule, weight });
  };
  const inner = unwrapped(value);
  const { length } = inner ?? value;
  if (!inner) add("advice", "the nonce is not wrapped in an OCTET STRING, as before RFC 6960");
  if (length === 0) add("error", "a nonce of 0 octets, where 1 to 128 are allowed");
  if (length > LONGEST_NONCE)
    add("error", `a nonce of ${length} octets, where 1 to 128 are allowed`);
  if (place === "requestExtensions" && length > 0 && length < LEAST_NONCE) {
    add("advice", `a nonce of ${length} octets: clients of today send 32 or more`);
  }
  if (place.startsWith("single")) {
    add("error", "a nonce belongs to the whole message, not to one certificate", "RFC 6960 4.4.1");
  }
  return flaws;
}

function REASON_FLAW(where: string): Flaw {
  const problem = "the reason stands in an extension, and belongs in revocationReason";
  return { where, problem, rule: "RFC 6960 4.2.1", weight: "advice" };
}

function unwrapped(extnValue: Uint8Array): Uint8Array | undefined {
  try {
    const reader = new DerReader(extnValue, "Nonce");
    const nonce = reader.content(Tag.octetString);
    reader.end();
    return nonce;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
