import type { IssuerFiles } from "../authority/issuer-files.ts";
import type { KeyRef, Probed } from "../signing/jobs.ts";
import { probeKey } from "../signing/probe.ts";
import type { TokenProcess } from "../signing/token-process.ts";
import { TokenProcesses } from "../signing/token-processes.ts";
import { type ConfiguredSigner, configuredSigners } from "./configured-signers.ts";

/** What each configured signer's key can do, tried once for all checks. */
export class ProbedKeys {
  readonly #probed = new Map<string, Probed>();

  /** Tries all keys; those in tokens in a process for each token, for a PKCS #11 library may hang. */
  static async of(issuers: readonly IssuerFiles[]): Promise<ProbedKeys> {
    const keys = new ProbedKeys();
    const tokens = new TokenProcesses(1);
    const refs = issuers.flatMap(configuredSigners).flatMap(({ keyFile, certificate }) => {
      return certificate ? [{ keyFile, certificate: certificate.der }] : [];
    });
    const distinct = new Map(refs.map((ref) => [nameOf(ref), ref]));
    try {
      await Promise.all(
        [...distinct].map(async ([name, ref]) =>
          keys.#probed.set(name, await probed(ref, tokens.of(ref.keyFile))),
        ),
      );
    } finally {
      await tokens.close();
    }
    return keys;
  }

  /** Why the key cannot sign for its certificate, in words for the operator; nothing where it can. */
  faultOf({ keyFile, certificate }: ConfiguredSigner): string | undefined {
    const probed = certificate && this.get({ keyFile, certificate: certificate.der });
    return probed && probed.state !== "signs" ? probed.fault : undefined;
  }

  get(ref: KeyRef): Probed | undefined {
    return this.#probed.get(nameOf(ref));
  }
}

function probed(ref: KeyRef, token: TokenProcess | undefined): Probed | Promise<Probed> {
  if (!token) return probeKey(ref);
  return token
    .run("urgent", { kind: "probe", ...ref })
    .catch((error: Error): Probed => ({ state: "away", fault: error.message }));
}

function nameOf({ keyFile, certificate }: KeyRef): string {
  return `${keyFile} ${Buffer.from(certificate).toString("base64")}`;
}
