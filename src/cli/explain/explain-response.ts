import type { Flaw } from "../../der/flaw.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { timeText } from "../../der/lenient-time.ts";
import { DerError } from "../../der/reader.ts";
import {
  type BasicOCSPResponse,
  type ResponderID,
  readAnyResponse,
  type SingleResponse,
} from "../../ocsp/any-response.ts";
import { responseFlaws } from "../../ocsp/response-flaws.ts";
import { responseStatusName } from "../../ocsp/response-status.ts";
import { readCertificate } from "../../x509/certificate.ts";
import { verifySignature } from "../../x509/certificate-signature.ts";
import { nameText } from "../../x509/name.ts";
import { publicKeyOf } from "../../x509/public-key.ts";
import { certIDFields } from "./cert-id-fields.ts";
import { certificateLines } from "./certificate-lines.ts";
import { type Explanation, type Field, type Fields, hexText } from "./explanation.ts";
import { extensionFields } from "./extension-fields.ts";
import { reasonText } from "./extension-values.ts";
import { algorithmName, oidName } from "./names.ts";

/** What an OCSP answer says, and what it has against the RFCs. What is none at all is a `DerError`. */
export function explainResponse(der: Uint8Array): Explanation {
  const flaws: Flaw[] = [];
  const response = readAnyResponse(new LenientReader(der, "OCSPResponse", flaws));
  const { responseStatus, responseType, basic } = response;
  const fields: Fields = {
    responseStatus: responseStatusName(responseStatus) ?? responseStatus,
    ...(responseType === undefined ? {} : { responseType: oidName(responseType) }),
    ...(basic ? basicFields(basic, flaws) : {}),
  };
  flaws.push(...responseFlaws(response));
  return { type: "OCSPResponse", fields, flaws };
}

function basicFields(basic: BasicOCSPResponse, flaws: Flaw[]): Fields {
  return {
    responderID: responderFields(basic.responderID),
    producedAt: timeText(basic.producedAt),
    responses: basic.responses.map((single, i) => singleFields(single, i, flaws)),
    responseExtensions: extensionFields(basic.responseExtensions, "responseExtensions", flaws),
    signatureAlgorithm: algorithmName(basic.signatureAlgorithm),
    signatureOctets: basic.signature.length,
    signature: signatureText(basic, flaws),
    certs: certificateLines(basic.certs ?? [], "certs", flaws),
  };
}

function responderFields(responderID: ResponderID): Field {
  if ("byName" in responderID) return { byName: nameText(responderID.byName) };
  return { byKey: hexText(responderID.byKey) };
}

function singleFields(single: SingleResponse, index: number, flaws: Flaw[]): Fields {
  const { certID, certStatus, revocationTime, revocationReason, thisUpdate, nextUpdate } = single;
  const where = `responses[${index}].singleExtensions`;
  const extensions = extensionFields(single.singleExtensions, where, flaws);
  return {
    certID: certIDFields(certID),
    certStatus,
    ...(revocationTime ? { revocationTime: timeText(revocationTime) } : {}),
    ...(certStatus === "revoked"
      ? { revocationReason: revocationReason === undefined ? null : reasonText(revocationReason) }
      : {}),
    thisUpdate: timeText(thisUpdate),
    nextUpdate: nextUpdate ? timeText(nextUpdate) : null,
    ...(extensions.length > 0 ? { singleExtensions: extensions } : {}),
  };
}

/** Whether the signature verifies with one of the certificates that come along; a CA's own needs the CA's. */
function signatureText(basic: BasicOCSPResponse, flaws: Flaw[]): string {
  const { certs = [] } = basic;
  if (certs.length === 0) return "not verified here: no certificate comes along (vouch query does)";
  const signer = certs.findIndex((der) => isSignedBy(basic, der));
  if (signer >= 0) return `verifies with certs[${signer}]`;
  const problem = "verifies with none of the certificates in certs";
  flaws.push({ where: "signature", problem, rule: "RFC 6960 4.2.2.2", weight: "error" });
  return problem;
}

function isSignedBy(basic: BasicOCSPResponse, der: Uint8Array): boolean {
  const { tbsResponseData: tbs, signatureAlgorithm, signature } = basic;
  try {
    const key = publicKeyOf(readCertificate(der));
    const signed = { tbs, signatureAlgorithm: signatureAlgorithm.der, signature };
    return key !== undefined && verifySignature(signed, key) === "verified";
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
