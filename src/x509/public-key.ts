import { createPublicKey, type KeyObject } from "node:crypto";
import type { Certificate } from "./certificate.ts";

/** The key that a certificate certifies; nothing where it is of no kind that is known here. */
export function publicKeyOf({ subjectPublicKeyInfo }: Certificate): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(subjectPublicKeyInfo), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
