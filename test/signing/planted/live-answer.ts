import * as real from "../../../src/ocsp/live-answer.ts";
import { flipped, mistakenTemplate } from "./answer.ts";
import { plantedFault } from "./fault.ts";

/** The same mistakes as in pre-signed answers, in the first SingleResponse. */
function mistaken(content: real.LiveContent): real.LiveContent {
  const [first, ...others] = content.singles;
  return { ...content, singles: [mistakenSingle(first), ...others] };
}

function mistakenSingle(single: real.LiveSingle): real.LiveSingle {
  const { certID, record } = single;
  switch (plantedFault()) {
    case "wrong serial": {
      const serialNumber = flipped(certID.serialNumber) as Uint8Array as typeof certID.serialNumber;
      return { ...single, certID: { ...certID, serialNumber } };
    }
    case "wrong hash":
      return { ...single, certID: { ...certID, issuerKeyHash: flipped(certID.issuerKeyHash) } };
    case "wrong status": {
      const status = record.status === "good" ? "revoked" : "good";
      return { ...single, record: { ...record, status } };
    }
    case "wrong reason":
      return { ...single, record: { ...record, reason: 4 } };
    case "wrong time":
      return { ...single, record: { ...record, nextUpdate: record.nextUpdate + 86_400 } };
    default:
      return single;
  }
}

export const assembleLiveTbs: typeof real.assembleLiveTbs = (template, content) =>
  real.assembleLiveTbs(mistakenTemplate(template), mistaken(content));

export const assembleLiveResponse: typeof real.assembleLiveResponse = (template, tbs, signature) =>
  real.assembleLiveResponse(mistakenTemplate(template), tbs, signature);
