import { type AnyCRL, readAnyCRL } from "../../crl/any-crl.ts";
import {
  type RemarkableExtension,
  type WalkedEntries,
  walkEntries,
} from "../../crl/any-entries.ts";
import { crlFlaws, isDelta, isIndirect } from "../../crl/crl-flaws.ts";
import type { Flaw } from "../../der/flaw.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { timeText } from "../../der/lenient-time.ts";
import { nameText } from "../../x509/name.ts";
import { EntryTally } from "./entry-tally.ts";
import type { Explanation } from "./explanation.ts";
import { extensionFields } from "./extension-fields.ts";
import { algorithmName, oidName } from "./names.ts";

const FIRST_ENTRIES = 5;

/**
 * What a CRL says, and what it has against RFC 5280. Entries are counted, and the first `most` of them
 * shown: a CRL of a million takes about a second. What is no CRL at all is a `DerError`.
 */
export function explainCRL(der: Uint8Array, most: number = FIRST_ENTRIES): Explanation {
  const flaws: Flaw[] = [];
  const crl = readAnyCRL(new LenientReader(der, "CertificateList", flaws));
  const tally = new EntryTally(most);
  const walked = walkEntries(crl.revokedCertificates ?? new Uint8Array(0), (entry) =>
    tally.add(entry),
  );
  const extensions = extensionFields(crl.crlExtensions, "crlExtensions", flaws);
  const fields = {
    version: crl.version,
    kind: isDelta(crl) ? "delta" : "complete for its scope",
    signatureAlgorithm: algorithmName(crl.signatureAlgorithm),
    issuer: nameText(crl.issuer, 500),
    thisUpdate: timeText(crl.thisUpdate),
    nextUpdate: crl.nextUpdate ? timeText(crl.nextUpdate) : null,
    revokedCertificates: tally.fields(),
    crlExtensions: extensions,
    signatureOctets: crl.signatureValue.length,
  };
  flaws.push(...crlFlaws(crl), ...walked.flaws, ...entryFlaws(crl, tally, walked));
  return { type: "CertificateList", fields, flaws };
}

function* entryFlaws(
  crl: AnyCRL,
  tally: EntryTally,
  { remarkable, hasExtensions }: WalkedEntries,
): Generator<Flaw> {
  const where = "revokedCertificates";
  // On an indirect CRL those of several CAs may be alike.
  const twice = tally.ascends || isIndirect(crl) ? 0 : repeated(crl);
  if (twice > 0) {
    const problem = `${twice} serial numbers stand there more than once`;
    yield { where, problem, rule: "RFC 5280 5.1.2.6", weight: "error" };
  }
  if (!tally.ascends && twice === 0) {
    const problem = "the entries are not in the order of their serial numbers: slower to compare";
    yield { where, problem, rule: "RFC 5280 5.1.2.6", weight: "advice" };
  }
  if (tally.removed > 0 && !isDelta(crl)) {
    const problem = `${tally.removed} entries say removeFromCRL, which belongs on delta CRLs only`;
    yield { where, problem, rule: "RFC 5280 5.3.1", weight: "error" };
  }
  if (tally.unspecified > 0) {
    const problem = `${tally.unspecified} entries write out the reason unspecified, which is left out`;
    yield { where, problem, rule: "RFC 5280 5.3.1", weight: "advice" };
  }
  if (tally.badSerials > 0) {
    const problem = `${tally.badSerials} serial numbers are negative or longer than 20 octets`;
    yield { where, problem, rule: "RFC 5280 4.1.2.2", weight: "lapse" };
  }
  if (hasExtensions) yield* extensionsFlaws(crl, remarkable);
}

function* extensionsFlaws(
  crl: AnyCRL,
  remarkable: readonly RemarkableExtension[],
): Generator<Flaw> {
  if (crl.version === 1) {
    const problem = "entries have extensions, which only v2 has";
    const where = "revokedCertificates";
    yield { where, problem, rule: "RFC 5280 5.1.2.1", weight: "error" };
  }
  yield* remarkable.map((extension) => remarkableFlaw(extension, isIndirect(crl)));
}

const CERTIFICATE_ISSUER = "2.5.29.29";

function remarkableFlaw({ oid, isCritical }: RemarkableExtension, inIndirect: boolean): Flaw {
  const name = oidName(oid);
  if (oid === CERTIFICATE_ISSUER && inIndirect) {
    const problem = "entries name the CA of their certificate (certificateIssuer): an indirect CRL";
    return { where: "revokedCertificates", problem, rule: "RFC 5280 5.3.3", weight: "advice" };
  }
  const problem = isCritical
    ? `entries have the extension ${name}, critical: who does not know it must not use the CRL`
    : `entries have the extension ${name}`;
  const weight = isCritical ? "error" : "advice";
  return { where: "revokedCertificates", problem, rule: "RFC 5280 5.3", weight };
}

/** How many serial numbers are listed again; only for lists out of order, for it keeps them all. */
function repeated({ revokedCertificates = new Uint8Array(0) }: AnyCRL): number {
  const seen = new Set<string>();
  let twice = 0;
  walkEntries(revokedCertificates, ({ serialNumber }) => {
    const key = Buffer.from(serialNumber).toString("latin1");
    if (seen.has(key)) twice++;
    seen.add(key);
  });
  return twice;
}
