import { readFileSync } from "node:fs";
import { TokenFault } from "./token-error.ts";

/** PINs that a token refused, by their files: one is not tried again, lest the token lock itself. */
const refused = new Map<string, string>();

/** The PIN in a file, without the end of its line; fails when a token has refused this very one. */
export function readPin(pinFile: string): string {
  const pin = content(pinFile).replace(/\r?\n$/, "");
  if (refused.get(pinFile) === pin) throw refusedPin(pinFile);
  return pin;
}

/** Remembers that a token refuses this PIN. The error says so without the PIN. */
export function refusePin(pinFile: string, pin: string): TokenFault {
  refused.set(pinFile, pin);
  return refusedPin(pinFile);
}

function refusedPin(pinFile: string): TokenFault {
  return new TokenFault(
    `the token refuses the PIN in ${pinFile}; it is not tried again until that file changes, since tokens lock themselves after a few tries`,
  );
}

function content(pinFile: string): string {
  try {
    return readFileSync(pinFile, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TokenFault(`the PIN file ${pinFile} cannot be read (${code})`);
  }
}
