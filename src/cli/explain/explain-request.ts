import type { Flaw } from "../../der/flaw.ts";
import { LenientReader } from "../../der/lenient-reader.ts";
import { type AnyRequest, readAnyRequest } from "../../ocsp/any-request.ts";
import { requestFlaws } from "../../ocsp/request-flaws.ts";
import { certIDFields } from "./cert-id-fields.ts";
import { certificateLines } from "./certificate-lines.ts";
import type { Explanation, Field, Fields } from "./explanation.ts";
import { extensionFields } from "./extension-fields.ts";
import { generalNameText } from "./general-name.ts";
import { algorithmName } from "./names.ts";

/** What an OCSP request says, and what it has against the RFCs. What is none at all is a `DerError`. */
export function explainRequest(der: Uint8Array): Explanation {
  const flaws: Flaw[] = [];
  const reader = new LenientReader(der, "OCSPRequest", flaws);
  const request = readAnyRequest(reader);
  const { requestorName, requestExtensions, optionalSignature } = request;
  const fields: Record<string, Field> = {
    requestList: request.requestList.map((single, i) => singleFields(single, i, flaws)),
  };
  if (requestorName) {
    fields["requestorName"] = generalNameText(reader.nested(requestorName, "requestorName"));
  }
  fields["requestExtensions"] = extensionFields(requestExtensions, "requestExtensions", flaws);
  if (optionalSignature) {
    fields["optionalSignature"] = {
      signatureAlgorithm: algorithmName(optionalSignature.signatureAlgorithm),
      certs: certificateLines(optionalSignature.certs, "optionalSignature.certs", flaws),
    };
  }
  flaws.push(...requestFlaws(request));
  return { type: "OCSPRequest", fields, flaws };
}

function singleFields(
  { certID, singleRequestExtensions }: AnyRequest["requestList"][number],
  index: number,
  flaws: Flaw[],
): Fields {
  const where = `requestList[${index}]`;
  const extensions = extensionFields(singleRequestExtensions, where, flaws);
  return {
    ...certIDFields(certID),
    ...(extensions.length > 0 ? { singleRequestExtensions: extensions } : {}),
  };
}
