import type { IssuerFiles } from "../authority/issuer-files.ts";
import type { KeyRef, Probed } from "../signing/jobs.ts";
import { probeKey } from "../signing/probe.ts";
import { TokenProcess } from "../signing/token-process.ts";
import { isKeyURI, parseKeyURI } from "../x509/key-uri.ts";
import { type ConfiguredSigner, configuredSigners } from "./configured-signers.ts";

/** What each configured signer's key can do, tried once for all checks. */
export class ProbedKeys {
  readonly #probed = new Map<string, Probed>();

  /** Tries all keys; those in tokens in a process of their own, for a PKCS #11 library may hang. */
  static async of(issuers: readonly IssuerFiles[]): Promise<ProbedKeys> {
    const keys = new ProbedKeys();
    for (const { keyFile, certificate } of issuers.flatMap(configuredSigners)) {
      if (certificate) await keys.#probe({ keyFile, certificate: certificate.der });
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

  async #probe(ref: KeyRef): Promise<void> {
    if (this.#probed.has(nameOf(ref))) return;
    const uri = isKeyURI(ref.keyFile) ? parseKeyURI(ref.keyFile) : undefined;
    const isInToken = uri && !("problem" in uri);
    this.#probed.set(
      nameOf(ref),
      isInToken ? await probeToken(uri.modulePath, ref) : probeKey(ref),
    );
  }
}

async function probeToken(modulePath: string, ref: KeyRef): Promise<Probed> {
  const token = new TokenProcess(modulePath, 1);
  try {
    return (await token.run("urgent", { kind: "probe", ...ref })) as Probed;
  } catch (error) {
    return { state: "away", fault: (error as Error).message };
  } finally {
    await token.close();
  }
}

function nameOf({ keyFile, certificate }: KeyRef): string {
  return `${keyFile} ${Buffer.from(certificate).toString("base64")}`;
}
