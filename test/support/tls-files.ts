import { renameSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";

/** A TLS server's two files. */
export interface TlsFilePair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a self-signed certificate for this name, and for localhost and 127.0.0.1, with its key. */
export function makeTlsFiles(name: string, folder: string = tempFolder()): TlsFilePair {
  const pair = { certificate: join(folder, "server.pem"), key: join(folder, "server.key") };
  const algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:localhost,IP:127.0.0.1`];
  const files = ["-keyout", pair.key, "-out", pair.certificate];
  mustRun("openssl", ["req", "-x509", ...algorithm, "-days", "30", ...names, ...files]);
  return pair;
}

/** Puts another pair in the place of this one, as renewal programs do: the certificate first. */
export function replaceTlsFiles(pair: TlsFilePair, name: string): void {
  const fresh = makeTlsFiles(name);
  renameSync(fresh.certificate, pair.certificate);
  renameSync(fresh.key, pair.key);
}
