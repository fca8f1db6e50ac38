import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Arguments of `openssl genpkey`, by the names that the tests use. */
const KEYS = {
  "P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
  "RSA-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  "RSA-PSS": ["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
  "P-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  Ed25519: ["-algorithm", "ED25519"],
  Ed448: ["-algorithm", "ED448"],
} as const;

export type KeyName = keyof typeof KEYS;

const CONFIG = `
[req]
distinguished_name = dn
string_mask = utf8only
utf8 = yes
[dn]
[ca]
default_ca = it
[it]
database = index.txt
new_certs_dir = .
serial = serial
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 365
default_crl_days = 7
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[plain]
basicConstraints = CA:FALSE
`;

/** A CA of the openssl command in a folder of its own; real keys, real certificates, real index.txt. */
export class OpensslCA {
  readonly dir: string = mkdtempSync(join(tmpdir(), "vouch-test-ca-"));
  #issued = 0;

  constructor(subject: string, key: KeyName = "P-256", extra: readonly string[] = []) {
    writeFileSync(this.path("openssl.cnf"), CONFIG);
    writeFileSync(this.path("index.txt"), "");
    writeFileSync(this.path("serial"), "01\n");
    this.newKey("ca.key", key);
    this.selfSign(subject, "ca.pem", extra);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  run(...args: readonly string[]): string {
    const env = { ...process.env, OPENSSL_CONF: this.path("openssl.cnf") };
    return execFileSync("openssl", args, { cwd: this.dir, env, encoding: "utf8", stdio: "pipe" });
  }

  newKey(file: string, key: KeyName): void {
    this.run("genpkey", ...KEYS[key], "-out", file);
  }

  /** A certificate for the CA's own key under any name. */
  selfSign(subject: string, file: string, extra: readonly string[] = []): void {
    const given = ["-subj", subject, "-extensions", "root", "-days", "3650"];
    this.run("req", "-x509", "-utf8", "-new", "-key", "ca.key", ...given, ...extra, "-out", file);
  }

  /**
   * A certificate that does not go into index.txt; returns its file. `extensions` are lines of an
   * OpenSSL extension section, `extra` more arguments of `openssl x509 -req`.
   */
  issue(subject: string, extensions = "basicConstraints=CA:FALSE", extra: string[] = []): string {
    const file = `leaf-${++this.#issued}.pem`;
    this.#request(subject);
    writeFileSync(this.path("ext.cnf"), `${extensions}\n`);
    const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-extfile", "ext.cnf"];
    const serial = extra.includes("-set_serial") ? [] : ["-CAcreateserial"];
    this.run("x509", "-req", "-in", "leaf.csr", ...ca, ...serial, ...extra, "-out", file);
    return file;
  }

  /** A certificate that `openssl ca` enters in index.txt; returns its file. */
  enter(subject: string, ...extra: readonly string[]): string {
    const file = `leaf-${++this.#issued}.pem`;
    this.#request(subject);
    const quiet = ["-batch", "-notext", "-utf8", "-extensions", "plain"];
    this.run("ca", "-config", "openssl.cnf", ...quiet, "-in", "leaf.csr", "-out", file, ...extra);
    return file;
  }

  revoke(file: string, ...extra: readonly string[]): void {
    this.run("ca", "-config", "openssl.cnf", "-revoke", file, ...extra);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  #request(subject: string): void {
    if (this.#issued === 1) this.newKey("leaf.key", "P-256");
    this.run("req", "-new", "-utf8", "-key", "leaf.key", "-subj", subject, "-out", "leaf.csr");
  }
}

/** The DER of a PEM file with one certificate. */
export function derOf(pem: Buffer): Buffer {
  return Buffer.from(pem.toString("latin1").replace(/-----[^-]+-----|\s/g, ""), "base64");
}
