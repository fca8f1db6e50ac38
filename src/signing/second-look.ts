import { Crypto } from "@peculiar/webcrypto";
import { fromBER, type Integer } from "asn1js";
import {
  BasicOCSPResponse,
  CryptoEngine,
  type ICryptoEngine,
  OCSPResponse,
  type SingleResponse,
  setEngine,
} from "pkijs";
import { sameOctets } from "../der/oids.ts";
import { HASHES } from "../ocsp/hash.ts";
import type { Expected, Fault } from "../ocsp/proof.ts";
import { reasonOf } from "../ocsp/record.ts";

const engine = new CryptoEngine({ name: "webcrypto", crypto: new Crypto() as never });
setEngine(engine.name, engine as unknown as ICryptoEngine);

const GOOD = 0;
const REVOKED = 1;

/**
 * An answer as pkijs reads it, against what it must say: an opinion that owes nothing to our own DER.
 * pkijs is slow (about a thousandth of our decoder's rate), so it sees samples. It does not verify the
 * signature; `proveAnswer` did.
 */
export function secondLook(der: Uint8Array, expected: Expected): Fault | undefined {
  const single = readSingle(der);
  if (!single) return "size";
  const { certID } = single;
  const serialNumber = new Uint8Array(certID.serialNumber.valueBlock.valueHexView);
  if (!sameOctets(serialNumber, expected.serialNumber)) return "serialNumber";
  const nameHash = certID.issuerNameHash.valueBlock.valueHexView;
  if (!sameOctets(nameHash, expected.issuer.nameHash[expected.hash])) return "hash";
  if (nameHash.length !== HASHES[expected.hash].size) return "hash";
  return statusFault(single, expected) ?? timeFault(single, expected);
}

function readSingle(der: Uint8Array): SingleResponse | undefined {
  try {
    const response = new OCSPResponse({ schema: fromBER(der).result });
    const bytes = response.responseBytes?.response.valueBlock.valueHexView;
    if (!bytes) return undefined;
    const basic = new BasicOCSPResponse({ schema: fromBER(bytes).result });
    return basic.tbsResponseData.responses[0];
  } catch {
    return undefined;
  }
}

/** pkijs leaves certStatus as asn1js read it: the tag says which, RevokedInfo is inside. */
interface CertStatus {
  readonly idBlock: { readonly tagNumber: number };
  readonly valueBlock: { readonly value?: readonly CertStatusPart[] };
}

interface CertStatusPart {
  readonly valueBlock: { readonly value?: readonly Integer[] };
  toDate?(): Date;
}

function statusFault({ certStatus }: SingleResponse, { record }: Expected): Fault | undefined {
  const { idBlock, valueBlock } = certStatus as CertStatus;
  if (idBlock.tagNumber !== (record.status === "good" ? GOOD : REVOKED)) return "certStatus";
  if (record.status === "good") return undefined;
  const [revocationTime, revocationReason] = valueBlock.value ?? [];
  if (seconds(revocationTime?.toDate?.()) !== record.revocationDate) return "time";
  const reason = revocationReason?.valueBlock.value?.[0]?.valueBlock.valueDec ?? 0;
  return reason === reasonOf(record) ? undefined : "reason";
}

function timeFault(single: SingleResponse, { record }: Expected): Fault | undefined {
  const same =
    seconds(single.thisUpdate) === record.thisUpdate &&
    seconds(single.nextUpdate) === record.nextUpdate;
  return same ? undefined : "time";
}

function seconds(date: Date | undefined): number | undefined {
  return date && date.getTime() / 1000;
}
