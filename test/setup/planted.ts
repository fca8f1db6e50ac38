import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../src/authority/clock.ts";
import type { Problem } from "../../src/config/config.ts";
import { checkSetup } from "../../src/setup/check.ts";
import { initStore } from "../../src/setup/init.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import {
  choosePlaces,
  type IssuerSetup,
  type Places,
  type VouchDocument,
  vouchDocument,
  writeVouchFile,
} from "../support/vouch-file.ts";

/** A set-up with its store, of which a test breaks a part. */
export interface PlantedSetup {
  readonly pki: Pki;
  readonly places: Places;
  check(clock?: Clock): ReturnType<typeof checkSetup>;
  remove(): void;
}

/** One issuer `gov-1`, sound but for what the test plants in its PKI and configuration. */
export async function plantedSetup(
  plant: (pki: Pki) => Partial<IssuerSetup> = () => ({}),
  more: (pki: Pki) => VouchDocument = () => ({}),
  algorithm: "ec" | "rsa" = "ec",
): Promise<PlantedSetup> {
  const pki = makePki({ algorithm, leaves: 0 });
  const places = await choosePlaces(tempFolder());
  const issuers = [{ name: "gov-1", pki, ...plant(pki) }];
  writeVouchFile(places.config, vouchDocument(places, issuers, more(pki)));
  await initStore(places.config);
  return {
    pki,
    places,
    check: (clock) => checkSetup(places.config, clock),
    remove: () => {
      removeFolder(places.folder);
      pki.remove();
    },
  };
}

/** A signer's certificate and key, as the configuration names them. */
type SignerFiles = Pki["signer"];

/** How a signer differs from a sound one that is valid for a year. */
export interface SignerOptions {
  /** Lines of the extension section, instead of a sound one's. */
  readonly extensions?: readonly string[];
  /** Days from now, of notBefore and notAfter. */
  readonly days?: readonly [number, number];
  readonly digest?: string;
  readonly key?: readonly string[];
}

export const SOUND: readonly string[] = [
  "basicConstraints = CA:FALSE",
  "keyUsage = critical, digitalSignature",
  "extendedKeyUsage = OCSPSigning",
  "noCheck = ignored",
];

const CA_SECTION = `[ca]
default_ca = issuing
[issuing]
database = planted.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
`;

/** Has the CA's `openssl ca` issue a signer beside the sound one; options say what is wrong with it. */
export function issueSigner(pki: Pki, options: SignerOptions = {}): SignerFiles {
  const { extensions = SOUND, days = [-1, 365], digest = "sha256" } = options;
  const { key = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"] } = options;
  const openssl = (...args: string[]): string => mustRun("openssl", args, pki.folder);
  const section = ["[planted]", ...extensions, ""].join("\n");
  writeFileSync(join(pki.folder, "planted.cnf"), `${CA_SECTION}${section}`);
  writeFileSync(join(pki.folder, "planted.txt"), "");
  openssl("genpkey", "-quiet", "-algorithm", ...key, "-out", "planted.key");
  const subject = ["-subj", "/CN=Planted signer", "-config", "openssl.cnf"];
  openssl("req", "-new", "-key", "planted.key", ...subject, "-out", "planted.csr");
  const ca = ["-config", "planted.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-batch"];
  const dates = ["-startdate", opensslTime(days[0]), "-enddate", opensslTime(days[1])];
  const made = ["-notext", "-md", digest, "-extensions", "planted"];
  openssl("ca", ...ca, ...dates, ...made, "-in", "planted.csr", "-out", "planted.pem");
  return { certificate: join(pki.folder, "planted.pem"), key: join(pki.folder, "planted.key") };
}

/** A signer that is the only one of its issuer. */
export function onlySigner(options: SignerOptions): (pki: Pki) => Partial<IssuerSetup> {
  return (pki) => ({ ocsp: { signers: [issueSigner(pki, options)] } });
}

/** Another PEM certificate in the place of the CA's, by `openssl x509` with these arguments. */
export function remakeCA(pki: Pki, ...args: string[]): void {
  const ca = ["-new", "-config", "openssl.cnf", "-extensions", "ca", "-key", "ca.key"];
  mustRun("openssl", ["req", "-x509", ...ca, ...args, "-out", "ca.pem"], pki.folder);
}

/** Changes one octet of a file in the middle. */
export function tamper(file: string): void {
  const octets = readFileSync(file);
  const middle = octets.length >> 1;
  octets[middle] = (octets[middle] ?? 0) ^ 1;
  const mode = 0o640;
  writeFileSync(file, octets);
  chmodSync(file, mode);
}

/** The one finding whose `where` and `problem` hold these words. */
export function found(findings: readonly Problem[], ...words: string[]): Problem | undefined {
  return findings.find(({ where, problem }) =>
    words.every((word) => `${where}: ${problem}`.includes(word)),
  );
}

function opensslTime(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return `${at.slice(0, 19).replace(/[-T:]/g, "")}Z`;
}
