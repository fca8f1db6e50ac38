import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import {
  algorithmOf,
  isDirectSigner,
  signerProblems,
  validityProblem,
} from "../../src/signing/signer-check.ts";
import type { Certificate } from "../../src/x509/certificate.ts";
import { serialNumberFromDer } from "../../src/x509/serial-number.ts";
import { issueSigner, type SignerOptions, SOUND } from "../setup/planted.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";

let pki: Pki;
let ca: Certificate;

beforeAll(() => {
  pki = makePki({ algorithm: "ec", leaves: 0 });
  ca = readCertificateFile(pki.caCertificate);
});

afterAll(() => pki.remove());

const now = (): number => Math.floor(Date.now() / 1000);
const DAY = 86_400;

/** All that is wrong with a signer, its time included. */
function problems(signer: Certificate, at = now()): string[] {
  const found = [...signerProblems(signer, ca), validityProblem(signer, at)];
  return found.flatMap((one) => (one ? [`${one.problem}; ${one.do}`] : []));
}

function signer(options: SignerOptions): Certificate {
  return readCertificateFile(issueSigner(pki, options).certificate);
}

const without = (name: string): string[] => SOUND.filter((line) => !line.startsWith(name));
const instead = (line: string): string[] => [...without(line.split(" ")[0] ?? ""), line];

describe("a signer that breaks one rule is told that one rule", () => {
  const cases: readonly (readonly [string, SignerOptions, RegExp])[] = [
    [
      "no extKeyUsage",
      { extensions: without("extendedKeyUsage") },
      /extKeyUsage is not OCSPSigning alone/,
    ],
    [
      "another extKeyUsage",
      { extensions: instead("extendedKeyUsage = serverAuth") },
      /extKeyUsage is not OCSPSigning alone/,
    ],
    [
      "a further extKeyUsage",
      { extensions: instead("extendedKeyUsage = OCSPSigning, timeStamping") },
      /extKeyUsage is not OCSPSigning alone/,
    ],
    [
      "a keyUsage without digitalSignature",
      { extensions: instead("keyUsage = critical, nonRepudiation") },
      /keyUsage lacks digitalSignature/,
    ],
    ["no nocheck", { extensions: without("noCheck") }, /lacks id-pkix-ocsp-nocheck/],
    ["CA:TRUE", { extensions: instead("basicConstraints = CA:TRUE") }, /is a CA certificate/],
    [
      "an end that has come",
      { days: [-10, -1] },
      /expired on \d{4}-\d\d-\d\dT.*issue a new signer/,
    ],
    ["a beginning that is to come", { days: [1, 10] }, /not valid before \d{4}-\d\d-\d\dT/],
    ...(
      [
        ["a P-224 key", ["EC", "-pkeyopt", "ec_paramgen_curve:P-224"]],
        ["an RSA-1024 key", ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"]],
        ["an Ed448 key", ["ED448"]],
      ] as const
    ).map(
      ([name, key]) =>
        [name, { key }, /of a kind that does not sign here; .* RSA key of 2048 to 4096/] as const,
    ),
  ];

  it.each(cases)("%s", (_, options, words) => {
    expect(problems(signer(options))).toEqual([expect.stringMatching(words)]);
  });

  it("issued by another key of the same name", () => {
    const impostor = makePki({ algorithm: "ec", leaves: 0 });
    const certificate = readCertificateFile(issueSigner(impostor).certificate);
    impostor.remove();
    expect(certificate.issuer).toEqual(ca.subject);
    expect(problems(certificate)).toEqual([
      expect.stringMatching(
        /was not issued by the key of ".*Vouch Test CA.*" but by another key of that name/,
      ),
    ]);
  });

  it("issued by another CA altogether", () => {
    const other = makePki({ algorithm: "ec", leaves: 0, name: "Another CA" });
    const certificate = readCertificateFile(other.signer.certificate);
    other.remove();
    expect(problems(certificate)).toEqual([expect.stringMatching(/but by ".*Another CA/)]);
  });

  it.each([
    ["negative", Buffer.from([0xfb]), "-5"],
    ["zero", Buffer.from([0]), "0"],
    ["over long", Buffer.alloc(33, 1), "1".padEnd(5, "01")],
  ])("a serial number that is %s, by which it could not be withdrawn", (_, octets, text) => {
    const certificate = { ...signer({}), serialNumber: serialNumberFromDer(octets) };
    expect(problems(certificate)).toEqual([
      expect.stringMatching(new RegExp(`its serial number, ${text}.* is not positive`)),
    ]);
  });

  it("with everything wrong is told everything", () => {
    const extensions = ["basicConstraints = CA:TRUE"];
    const key = ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    expect(problems(signer({ extensions, key, days: [-10, -1] }))).toHaveLength(5);
  });
});

describe("a sound signer has no problems", () => {
  it("ECDSA P-256, RSA-2048, and without a keyUsage", () => {
    expect(problems(signer({}))).toEqual([]);
    expect(problems(signer({ key: ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] }))).toEqual([]);
    expect(problems(signer({ extensions: without("keyUsage") }))).toEqual([]);
  });

  it("from the second of its notBefore up to, not with, that of its notAfter", () => {
    const certificate = signer({ days: [-1, 1] });
    expect(problems(certificate, certificate.notBefore)).toEqual([]);
    expect(problems(certificate, certificate.notBefore - 1)).toHaveLength(1);
    expect(problems(certificate, certificate.notAfter - 1)).toEqual([]);
    expect(problems(certificate, certificate.notAfter)).toHaveLength(1);
  });

  it("the CA itself, which has neither extKeyUsage nor nocheck", () => {
    expect(isDirectSigner(ca, ca)).toBe(true);
    expect(problems(ca)).toEqual([]);
    expect(problems(ca, ca.notAfter + DAY)).toEqual([expect.stringMatching(/expired/)]);
  });

  it("and its algorithm is told from its key", () => {
    expect(algorithmOf(signer({}))).toBe("ecdsaP256");
    expect(algorithmOf(signer({ key: ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"] }))).toBe(
      "rsaPkcs1",
    );
    expect(algorithmOf(signer({ key: ["ED25519"] }))).toBe("ed25519");
    expect(algorithmOf(signer({ key: ["ED448"] }))).toBeUndefined();
  });
});
