import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";

const ROOT = new URL("../../", import.meta.url);

function ofVouch(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** What a responder may read, and nothing else: no folder with a key in it is among them, and no key that signs. */
export interface ResponderPaths {
  /** Given up once it runs: program and configuration. */
  readonly toStart: readonly string[];
  /**
   * The data folder: CRL files, and the store, whose pages are mapped in any case. LMDB's binding wants
   * the folder itself when it opens, and a folder that was given up takes what lies in it with it.
   * The two files of TLS, which are read again when they are renewed.
   */
  readonly toServe: readonly string[];
}

/**
 * The paths that `vouch serve` grants to a responder under Node's permission model. Each is named by
 * itself, since only what was granted by name can be given up by name.
 */
export function responderPaths(config: Config): ResponderPaths {
  const { https } = config.public;
  return {
    toStart: [ofVouch("src"), ofVouch("node_modules"), ofVouch("package.json"), config.file],
    toServe: [config.data, ...(https ? [https.certificate, https.key] : [])],
  };
}
