import { OIDS, sameOctets } from "../../der/oids.ts";
import { DerError } from "../../der/reader.ts";
import { rfc3339, type UnixSeconds } from "../../der/time.ts";
import type { BasicOCSPResponse } from "../../ocsp/any-response.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { verifySignature } from "../../x509/certificate-signature.ts";
import { hasExtKeyUsage, hasOcspNocheck, isCA, keyUsage } from "../../x509/extensions.ts";
import { nameText } from "../../x509/name.ts";
import { publicKeyOf } from "../../x509/public-key.ts";
import { advice, type Finding, wrong } from "./finding.ts";
import type { Clock } from "./time-findings.ts";

/** A certificate that the CA may have delegated to, and the answer that it signed. */
interface Delegation {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly basic: BasicOCSPResponse;
  readonly clock: Clock;
}

/** Whether the CA lets this signer speak for it, and still does (RFC 6960 4.2.2.2). */
export function delegateFindings(delegation: Delegation): Finding[] {
  try {
    return [issued, purpose, validity, usage, nocheck].flatMap((check) => [...check(delegation)]);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const problem = `the signer's certificate cannot be read: ${error.message}`;
    return [wrong(problem, NEW_SIGNER)];
  }
}

const NEW_SIGNER =
  "issue the responder a new OCSP signer's certificate: by this CA's key, extendedKeyUsage OCSPSigning, noCheck";

function* issued({ certificate, issuer }: Delegation): Generator<Finding> {
  if (!sameOctets(certificate.issuer, issuer.subject)) {
    yield wrong(
      `the signer's certificate was issued by "${nameText(certificate.issuer)}", not by "${nameText(issuer.subject)}": it cannot speak for that CA`,
      "issue the responder a signer's certificate by the very CA (RFC 6960 4.2.2.2)",
    );
    return;
  }
  const key = publicKeyOf(issuer);
  if (key && verifySignature(certificate, key) === "verified") return;
  yield wrong(
    "the signer's certificate bears this CA's name, but another key signed it: another CA of that name, or an older key",
    "issue the responder a signer's certificate by the key that issued the certificates (RFC 6960 4.2.2.2)",
  );
}

function* purpose({ certificate }: Delegation): Generator<Finding> {
  if (hasExtKeyUsage(certificate, OIDS.ocspSigning)) return;
  yield wrong(
    "the signer's certificate is not for OCSP signing: extendedKeyUsage lacks OCSPSigning",
    NEW_SIGNER,
  );
}

function* validity({ certificate, basic, clock }: Delegation): Generator<Finding> {
  const { notBefore, notAfter } = certificate;
  const { now, skewSeconds } = clock;
  if (now - skewSeconds > notAfter) {
    const remedy = "issue the responder a new signer's certificate, and see that it uses it";
    yield wrong(`the signer's certificate expired on ${rfc3339(notAfter)}`, remedy);
    return;
  }
  if (now + skewSeconds < notBefore) {
    const problem = `the signer's certificate is not valid before ${rfc3339(notBefore)}`;
    yield wrong(problem, "compare the clocks, or have the responder sign with the earlier one");
    return;
  }
  const last = lastNextUpdate(basic);
  if (last !== undefined && last > notAfter) {
    yield advice(
      `the answer outlives its signer's certificate, which expires on ${rfc3339(notAfter)}: some clients refuse that`,
      "have nextUpdate end before the signer's notAfter",
    );
  }
}

function lastNextUpdate({ responses }: BasicOCSPResponse): UnixSeconds | undefined {
  const ends = responses.map(({ nextUpdate }) => nextUpdate?.at).filter((at) => at !== undefined);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

function* usage({ certificate }: Delegation): Generator<Finding> {
  if (keyUsage(certificate)?.has("digitalSignature") === false) {
    yield wrong("the signer's keyUsage lacks digitalSignature", NEW_SIGNER);
  }
  if (isCA(certificate)) {
    yield advice("the signer's certificate is a CA's: whoever breaks in can issue", NEW_SIGNER);
  }
}

function* nocheck({ certificate }: Delegation): Generator<Finding> {
  if (hasOcspNocheck(certificate)) return;
  yield advice(
    "the signer's certificate lacks id-pkix-ocsp-nocheck, so clients ask for its own status, too",
    "issue it with noCheck (RFC 6960 4.2.2.2.1)",
  );
}
