import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { HttpsConfig } from "../config/config.ts";
import { errorText, type Logger } from "../observe/logger.ts";
import { StartError } from "../observe/start-error.ts";

/** The certificate (with its chain) and key of TLS, as node:tls takes them. */
export type TlsPair = Pick<SecureContextOptions, "cert" | "key">;

/** The two files of `public.https`, read again when either has changed. */
export class TlsFiles {
  readonly #paths: readonly [certificate: string, key: string];
  readonly #log: Logger;
  #stamp = "";

  constructor({ certificate, key }: HttpsConfig, log: Logger) {
    this.#paths = [certificate, key];
    this.#log = log;
  }

  /** What the files hold; throws what to do when that cannot be served. */
  read(): TlsPair {
    try {
      this.#stamp = stampOf(this.#paths);
      return usablePair(this.#paths);
    } catch (error) {
      throw new StartError(
        "configuration",
        `public.https: ${this.#paths.join(" and ")} cannot be used: ${errorText(error)}`,
        "put a PEM certificate with its chain and its own PEM key without a passphrase there, readable for the user that runs responders",
      );
    }
  }

  /**
   * What the files hold now if that has changed since it was last asked for. While they cannot be used, as
   * between the replacement of the one and of the other, what was read before stays.
   */
  changed(): TlsPair | undefined {
    const stamp = stampOf(this.#paths);
    if (stamp === this.#stamp) return undefined;
    this.#stamp = stamp;
    try {
      const pair = usablePair(this.#paths);
      this.#log.info({ certificate: this.#paths[0] }, "TLS certificate reloaded");
      return pair;
    } catch (error) {
      const reason = errorText(error);
      this.#log.warn({ reason }, "TLS files cannot be used: the certificate from before stays");
      return undefined;
    }
  }
}

/** Changes whenever a file is written, replaced, removed, or a symbolic link to it is set anew. */
function stampOf(paths: readonly string[]): string {
  return paths.map(fileStamp).join(" ");
}

function fileStamp(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [ino, size, mtimeMs, ctimeMs].join();
  } catch (error) {
    return errorText(error);
  }
}

function usablePair([certificate, key]: readonly [string, string]): TlsPair {
  const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
  // It throws unless both are PEM and the key is the certificate's.
  createSecureContext(pair);
  return pair;
}
