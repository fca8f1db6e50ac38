import type { Flaw } from "../../der/flaw.ts";

/** A value of an explanation, fit for JSON and for people. */
export type Field = string | number | boolean | null | Fields | readonly Field[];

/** Fields by their names in the RFCs, in their order. */
export interface Fields {
  readonly [name: string]: Field;
}

/** What a file can be explained as. */
export type ExplainedType = "OCSPRequest" | "OCSPResponse" | "CertificateList" | "Certificate";

/** What something says, and what it has against the standards. */
export interface Explanation {
  readonly type: ExplainedType;
  readonly fields: Fields;
  readonly flaws: readonly Flaw[];
}

/** Octets in hexadecimal; of many, the first ones and how many there are. */
export function hexText(octets: Uint8Array, most = 64): string {
  const shown = Buffer.from(octets.subarray(0, most)).toString("hex");
  return octets.length <= most ? shown : `${shown}… (${octets.length} octets)`;
}
