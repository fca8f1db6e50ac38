import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { HttpsConfig } from "../config/config.ts";
import { RENEW_WITHIN_SECONDS } from "../config/tls-life.ts";
import { rfc3339, type UnixSeconds } from "../der/time.ts";
import { errorText, type Logger } from "../observe/logger.ts";
import { metrics } from "../observe/metrics.ts";
import { StartError } from "../observe/start-error.ts";

/** The certificate (with its chain) and key of TLS, as node:tls takes them. */
export type TlsPair = Pick<SecureContextOptions, "cert" | "key">;

/** The two files of `public.https`, read again when either has changed. */
export class TlsFiles {
  readonly #paths: readonly [certificate: string, key: string];
  readonly #log: Logger;
  #stamp = "";
  /** When the certificate that was read last expires. */
  #notAfter: UnixSeconds = Number.POSITIVE_INFINITY;

  constructor({ certificate, key }: HttpsConfig, log: Logger) {
    this.#paths = [certificate, key];
    this.#log = log;
  }

  /** What the files hold; throws what to do when that cannot be served. */
  read(): TlsPair {
    try {
      this.#stamp = stampOf(this.#paths);
      return this.#read();
    } catch (error) {
      throw new StartError(
        "configuration",
        `public.https: ${this.#paths.join(" and ")} cannot be used: ${errorText(error)}`,
        "put a PEM certificate with its chain and its own PEM key without a passphrase there, readable for the user that runs responders",
      );
    }
  }

  /** That the certificate expires soon, or has expired, in words for the operator. */
  warnings(now: UnixSeconds): string[] {
    if (this.#notAfter - now >= RENEW_WITHIN_SECONDS) return [];
    const expires = this.#notAfter <= now ? "expired" : "expires";
    const what = `the TLS certificate ${this.#paths[0]} ${expires} at ${rfc3339(this.#notAfter)}`;
    return [`${what}; renew it: the new file is taken over by itself`];
  }

  #read(): TlsPair {
    const pair = usablePair(this.#paths);
    this.#notAfter = Math.floor(new X509Certificate(pair.cert).validToDate.getTime() / 1000);
    metrics.tlsNotAfter.set({ certificate: this.#paths[0] }, this.#notAfter);
    return pair;
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
      const pair = this.#read();
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

function usablePair([certificate, key]: readonly [string, string]): { cert: Buffer; key: Buffer } {
  const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
  // It throws unless both are PEM and the key is the certificate's.
  createSecureContext(pair);
  return pair;
}
