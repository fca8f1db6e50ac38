import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./run-program.ts";
import { makeSoftHSM, type SoftHSM } from "./softhsm.ts";

const SOURCE = fileURLToPath(new URL("faulty-token.c", import.meta.url));

/** A token of SoftHSM2 behind a PKCS #11 library of our own, which fails as it is told to. */
export interface FaultyToken extends SoftHSM {
  /** What C_Sign does from now on. */
  become(state: "sound" | "hang" | "crash" | `slow ${number}`): void;
  /** How often it has refused a PIN. */
  refusals(): number;
  /** How often C_Initialize began before another had ended. */
  overlaps(): number;
}

/** Makes one; needs `cc` and `softhsm2-util`. */
export function makeFaultyToken(token?: string): FaultyToken {
  const hsm = makeSoftHSM(token);
  const library = join(hsm.folder, "faulty-token.so");
  const state = join(hsm.folder, "state");
  mustRun("cc", ["-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]);
  const counted = (what: string): number =>
    statSync(`${state}.${what}`, { throwIfNoEntry: false })?.size ?? 0;
  return {
    ...hsm,
    env: { ...hsm.env, FAULTY_TOKEN_FILE: state },
    importKey: (label, pem) =>
      hsm.importKey(label, pem).replace(/module-path=[^&]*/, `module-path=${library}`),
    refusals: () => counted("refused"),
    overlaps: () => counted("overlaps"),
    become: (now) => {
      if (now === "sound") rmSync(state, { force: true });
      else writeFileSync(state, now);
    },
  };
}
