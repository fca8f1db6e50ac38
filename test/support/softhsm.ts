import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run-program.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";

const SOFTHSM_MODULE = "/usr/lib/softhsm/libsofthsm2.so";
export const INSTALL_SOFTHSM = "apt-get install softhsm2";

/** A SoftHSM2 with one token, in a folder of its own. */
export interface SoftHSM {
  readonly folder: string;
  /** What programs that use the token need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly pin: string;
  readonly pinFile: string;
  /** Brings a key in PEM (PKCS #8) into the token; its URI. */
  importKey(label: string, pem: string | Buffer): string;
  /** Unplugs the token, and plugs it in again. */
  takeAway(): void;
  bringBack(): void;
  remove(): void;
}

/** The URI of a key in a test token. */
function keyURI(token: string, label: string, pinFile: string): string {
  return `pkcs11:token=${token};object=${label}?module-path=${SOFTHSM_MODULE}&pin-source=file:${pinFile}`;
}

/** Makes a token. The library reads the environment once: all tokens of one process lie in one folder. */
export function makeSoftHSM(token = "vouch"): SoftHSM {
  const folder = tempFolder();
  const tokens = join(folder, "tokens");
  const conf = join(folder, "softhsm2.conf");
  const pinFile = join(folder, "pin");
  const pin = "27182818";
  mkdirSync(tokens);
  writeFileSync(
    conf,
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  writeFileSync(pinFile, `${pin}\n`, { mode: 0o600 });
  chmodSync(pinFile, 0o600);
  const env = { SOFTHSM2_CONF: conf };
  const softhsm = (...args: string[]): string =>
    mustRun("env", [`SOFTHSM2_CONF=${conf}`, "softhsm2-util", ...args], folder);
  softhsm("--init-token", "--free", "--label", token, "--pin", pin, "--so-pin", "31415926");
  let keys = 0;
  return {
    folder,
    env,
    pin,
    pinFile,
    importKey: (label, pem) => {
      const file = join(folder, "import.key");
      writeFileSync(file, pem, { mode: 0o600 });
      const id = (++keys).toString(16).padStart(2, "0");
      softhsm("--import", file, "--token", token, "--label", label, "--id", id, "--pin", pin);
      return keyURI(token, label, pinFile);
    },
    takeAway: () => renameSync(tokens, `${tokens}.away`),
    bringBack: () => renameSync(`${tokens}.away`, tokens),
    remove: () => removeFolder(folder),
  };
}
