import { verifyFixed } from "./fixed-length.ts";
import type { KeyRef, Probed } from "./jobs.ts";
import { type SigningKey, signingKey, signOctets } from "./keys.ts";
import { TokenAway } from "./token-error.ts";

const MEASURED_MS = 20;

/** Looks whether a key is there, belongs to its certificate and signs. */
export function probeKey(ref: KeyRef): Probed {
  try {
    const key = signingKey(ref);
    key.findAnew();
    return { state: "signs", rate: signaturesPerSecond(key) };
  } catch (error) {
    const state = error instanceof TokenAway ? "away" : "unusable";
    return { state, fault: (error as Error).message };
  }
}

/** By signing for some milliseconds, once at least; with the proof that no signature goes without. */
function signaturesPerSecond(key: SigningKey): number {
  const octets = Buffer.alloc(200, "probe");
  const began = performance.now();
  let signed = 0;
  do {
    verifyFixed(key, octets, signOctets(key, octets));
    signed++;
  } while (performance.now() - began < MEASURED_MS);
  return (signed * 1000) / (performance.now() - began);
}
