import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run-program.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";

/** One certificate of the test CA; its serial number as Vouch writes it. */
export interface Leaf {
  readonly serialNumber: string;
  readonly certificate: string;
}

/** A CA that the real `openssl` made; all paths are absolute. */
export interface Pki {
  readonly folder: string;
  readonly caCertificate: string;
  readonly caKey: string;
  /** What signs OCSP answers: a delegate's certificate, or the CA's own. */
  readonly signer: { readonly certificate: string; readonly key: string };
  readonly leaves: readonly Leaf[];
  /** The CA's database, as `openssl ca` wrote it: every leaf is V. */
  readonly index: string;
  /** Marks a leaf as revoked in `index`, as `openssl ca -revoke` does. */
  revokeInIndex(leaf: Leaf, options?: readonly string[]): void;
  remove(): void;
}

/** What CA to make. */
interface PkiOptions {
  readonly algorithm: "ec" | "rsa";
  /** The CA's own key signs OCSP answers. */
  readonly direct?: boolean;
  /** The CA's common name. */
  readonly name?: string;
  readonly leaves?: number;
}

/** Serial numbers of lengths and shapes that occur: 3 octets, 8 with the high bit set, 10, 16, 20. */
const SERIAL_NUMBERS = [
  "1ab23f",
  "ff303ae4e90ac1ed",
  "7b3f9c11223344556601",
  "4fff982709f9c2593c10e906bd482b01",
  "7fffffffffffffffffffffffffffffffffffff01",
  "80",
];

const CA_EXTENSIONS = `[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ocsp]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
string_mask = utf8only
[name]
[default_ca_section]
database = index.txt
unique_subject = no
default_md = sha256
default_crl_days = 1
[default]
default_ca = default_ca_section
`;

/** Makes a CA, its OCSP signer and a few leaf certificates. */
export function makePki(options: PkiOptions): Pki {
  const { algorithm, direct = false, name = "Vouch Test CA", leaves: count = 4 } = options;
  const folder = tempFolder();
  const openssl = (...args: string[]): string => mustRun("openssl", args, folder);
  writeFileSync(join(folder, "openssl.cnf"), CA_EXTENSIONS);
  writeFileSync(join(folder, "index.txt"), "");
  makeCa(openssl, algorithm, name);
  if (!direct) makeDelegate(openssl, algorithm);
  const leaves = makeLeaves(openssl, folder, count);
  const at = (file: string): string => join(folder, file);
  return {
    folder,
    caCertificate: at("ca.pem"),
    caKey: at("ca.key"),
    signer: direct
      ? { certificate: at("ca.pem"), key: at("ca.key") }
      : { certificate: at("ocsp.pem"), key: at("ocsp.key") },
    leaves,
    index: at("index.txt"),
    revokeInIndex: (leaf, more = []) => {
      openssl("ca", ...CA_ARGS, "-revoke", leaf.certificate, ...more);
    },
    remove: () => removeFolder(folder),
  };
}

type Openssl = (...args: string[]) => string;

const CA_ARGS = ["-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
const SIGN_ARGS = ["-CA", "ca.pem", "-CAkey", "ca.key", "-sha256", "-extfile", "openssl.cnf"];

function makeKey(openssl: Openssl, algorithm: "ec" | "rsa", file: string): void {
  const parameters =
    algorithm === "ec"
      ? ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
      : ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
  openssl("genpkey", "-quiet", "-algorithm", ...parameters, "-out", file);
}

function makeCa(openssl: Openssl, algorithm: "ec" | "rsa", name: string): void {
  makeKey(openssl, algorithm, "ca.key");
  const subject = ["-utf8", "-subj", `/C=VN/O=Đơn vị thử nghiệm/CN=${name}`];
  const ca = ["-config", "openssl.cnf", "-extensions", "ca", "-days", "3650", "-sha256"];
  openssl("req", "-x509", "-new", "-key", "ca.key", ...subject, ...ca, "-out", "ca.pem");
}

function makeDelegate(openssl: Openssl, algorithm: "ec" | "rsa"): void {
  makeKey(openssl, algorithm, "ocsp.key");
  makeRequest(openssl, "ocsp.key", "OCSP signer");
  const extensions = ["-extensions", "ocsp", "-days", "90", "-set_serial", "0x7e57"];
  openssl("x509", "-req", "-in", "req.pem", ...SIGN_ARGS, ...extensions, "-out", "ocsp.pem");
}

function makeRequest(openssl: Openssl, key: string, name: string): void {
  const subject = ["-utf8", "-subj", `/C=VN/CN=${name}`];
  openssl("req", "-new", "-config", "openssl.cnf", "-key", key, ...subject, "-out", "req.pem");
}

/** All leaves share one key: only their serial numbers matter here. */
function makeLeaves(openssl: Openssl, folder: string, count: number): Leaf[] {
  makeKey(openssl, "ec", "leaf.key");
  const leaves: Leaf[] = [];
  for (let number = 0; number < count; number++) {
    const serialNumber = SERIAL_NUMBERS[number] ?? (0x10_00_00 + number).toString(16);
    const certificate = join(folder, `leaf-${number}.pem`);
    makeRequest(openssl, "leaf.key", `Nguyễn Văn ${number}`);
    const extensions = ["-extensions", "leaf", "-days", "365", "-set_serial", `0x${serialNumber}`];
    openssl("x509", "-req", "-in", "req.pem", ...SIGN_ARGS, ...extensions, "-out", certificate);
    openssl("ca", ...CA_ARGS, "-valid", certificate);
    leaves.push({ serialNumber, certificate });
  }
  return leaves;
}

/** The captured clients' CA under `test/vectors`, copied to a folder of its own; its key signs directly. */
export function capturedPki(): Pki {
  const folder = tempFolder();
  const from = new URL("../vectors/client-captured/pki/", import.meta.url).pathname;
  for (const file of ["ca.pem", "ca.key", "leaf1.pem", "leaf2.pem", "index.txt"]) {
    copyFileSync(join(from, file), join(folder, file));
  }
  const at = (file: string): string => join(folder, file);
  return {
    folder,
    caCertificate: at("ca.pem"),
    caKey: at("ca.key"),
    signer: { certificate: at("ca.pem"), key: at("ca.key") },
    leaves: [
      { serialNumber: "7b3f9c11223344556671", certificate: at("leaf1.pem") },
      { serialNumber: "7b3f9c11223344556672", certificate: at("leaf2.pem") },
    ],
    index: at("index.txt"),
    revokeInIndex: () => {
      throw new Error("this CA's database stays as it was captured");
    },
    remove: () => removeFolder(folder),
  };
}
