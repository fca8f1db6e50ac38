import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./run-program.ts";
import { makeSoftHSM, type SoftHSM } from "./softhsm.ts";

const SOURCE = fileURLToPath(new URL("faulty-token.c", import.meta.url));

type FaultyCall =
  | "C_Initialize"
  | "C_GetSlotList"
  | "C_OpenSession"
  | "C_Login"
  | "C_FindObjects"
  | "C_Sign";

/** A token of SoftHSM2 behind a PKCS #11 library of our own, which fails as it is told to. */
export interface FaultyToken extends SoftHSM {
  /** What it does from now on; faulty-token.c says more. */
  become(
    state:
      | "sound"
      | `${"hang" | "crash"} ${FaultyCall}`
      | `slow ${FaultyCall} ${number}`
      | "forget C_FindObjects",
  ): void;
  /** How often it has refused a PIN; how often C_Initialize began before another had ended; and so on. */
  counted(what: "refused" | "overlaps" | "opened" | "closed" | "finalized" | "hanging"): number;
}

/** Makes one; needs `cc` and `softhsm2-util`. */
export function makeFaultyToken(token?: string): FaultyToken {
  const hsm = makeSoftHSM(token);
  const library = join(hsm.folder, "faulty-token.so");
  const state = join(hsm.folder, "state");
  mustRun("cc", ["-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"]);
  return {
    ...hsm,
    env: { ...hsm.env, FAULTY_TOKEN_FILE: state },
    importKey: (label, pem) =>
      hsm.importKey(label, pem).replace(/module-path=[^&]*/, `module-path=${library}`),
    counted: (what) => statSync(`${state}.${what}`, { throwIfNoEntry: false })?.size ?? 0,
    become: (now) => {
      if (now === "sound") rmSync(state, { force: true });
      else writeFileSync(state, now);
    },
  };
}
