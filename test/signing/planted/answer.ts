import * as real from "../../../src/ocsp/answer.ts";
import type { AnswerTemplate } from "../../../src/ocsp/template.ts";
import type { SerialNumber } from "../../../src/x509/serial-number.ts";
import { plantedFault } from "./fault.ts";

type Parts = readonly [AnswerTemplate, SerialNumber, Buffer];

/** The same mistake in what is signed and in what is put together: its signature is right. */
function mistaken(template: AnswerTemplate, serialNumber: SerialNumber, record: Buffer): Parts {
  switch (plantedFault()) {
    case "wrong serial":
      return [template, flipped(serialNumber) as Uint8Array as SerialNumber, record];
    case "wrong hash":
      return [
        { ...template, forms: new Map(), certIDHead: flipped(template.certIDHead) },
        serialNumber,
        record,
      ];
    case "wrong status":
      return [template, serialNumber, otherStatus(record)];
    case "wrong reason":
      return [template, serialNumber, otherReason(record)];
    case "wrong time":
      return [template, serialNumber, dayLonger(record)];
    default:
      return [mistakenTemplate({ ...template, forms: new Map() }), serialNumber, record];
  }
}

/** What is round every answer, gone wrong. */
export function mistakenTemplate<T extends Pick<AnswerTemplate, "responderID" | "certs">>(
  template: T,
): T {
  switch (plantedFault()) {
    case "another responder":
      return { ...template, responderID: flipped(template.responderID) };
    case "another certificate":
      return { ...template, certs: flipped(template.certs) };
    case "too large":
      return { ...template, certs: Buffer.alloc(20_000, template.certs) };
    default:
      return template;
  }
}

export const assembleTbs: typeof real.assembleTbs = (...parts) =>
  real.assembleTbs(...mistaken(...parts));

export const assembleResponse: typeof real.assembleResponse = (
  template,
  serialNumber,
  record,
  signature,
) => real.assembleResponse(...mistaken(template, serialNumber, record), signature);

/** Another last octet. */
export function flipped(octets: Uint8Array): Buffer {
  const copy = Buffer.from(octets);
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}

/** Revoked for good, good for revoked. */
function otherStatus(record: Buffer): Buffer {
  const copy = Buffer.concat([record.subarray(0, 28), Buffer.alloc(10)]);
  copy[0] = record[0] === 0 ? 1 : 0;
  copy.writeUIntBE(copy.readUIntBE(15, 5), 28, 5);
  return copy;
}

function otherReason(record: Buffer): Buffer {
  const copy = Buffer.from(record);
  if (copy[0] === 1) copy[1] = 4;
  return copy;
}

function dayLonger(record: Buffer): Buffer {
  const copy = Buffer.from(record);
  copy.writeUInt32BE(copy.readUInt32BE(24) + 86_400, 24);
  return copy;
}
