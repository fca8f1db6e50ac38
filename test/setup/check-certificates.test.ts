import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { mustRun } from "../support/run-program.ts";
import {
  found,
  issueSigner,
  onlySigner,
  type PlantedSetup,
  plantedSetup,
  remakeCA,
  type SignerOptions,
  SOUND,
} from "./planted.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function aSetup(...options: Parameters<typeof plantedSetup>): Promise<PlantedSetup> {
  const setup = await plantedSetup(...options);
  cleanUps.push(setup.remove);
  return setup;
}

const without = (word: string): string[] => SOUND.filter((line) => !line.includes(word));

const FAULTS: readonly [string, SignerOptions, string][] = [
  ["expired", { days: [-30, -1] }, "it expired on"],
  ["not valid yet", { days: [1, 30] }, "it is not valid before"],
  ["without OCSPSigning", { extensions: without("extendedKeyUsage") }, "not OCSPSigning alone"],
  [
    "for more than OCSPSigning",
    { extensions: [...without("extendedKeyUsage"), "extendedKeyUsage = OCSPSigning, clientAuth"] },
    "not OCSPSigning alone",
  ],
  [
    "without digitalSignature",
    { extensions: [...without("keyUsage"), "keyUsage = keyAgreement"] },
    "lacks digitalSignature",
  ],
  ["without nocheck", { extensions: without("noCheck") }, "lacks id-pkix-ocsp-nocheck"],
  [
    "that is a CA",
    { extensions: [...without("basicConstraints"), "basicConstraints = CA:TRUE"] },
    "it is a CA certificate",
  ],
  [
    "with an RSA key of 1024 bits",
    { key: ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"] },
    "of a kind that does not sign here",
  ],
];

describe("a signer that cannot sign", () => {
  it.each(FAULTS)("%s", async (_, options, words) => {
    const { check, pki } = await aSetup(onlySigner(options));
    const { ok, problems } = await check();
    expect(ok).toBe(false);
    const where = `issuer gov-1, signer ${join(pki.folder, "planted.pem")}`;
    const fault = found(problems, words);
    expect(fault?.where).toBe(where);
    expect(fault?.do).toMatch(/\S/);
    expect(found(problems, "issuer gov-1: no OCSP signer can sign now")).toBeDefined();
    expect(problems).toHaveLength(2);
  });

  it("of another CA", async () => {
    const other = await aSetup();
    const { check } = await aSetup(() => ({ ocsp: { signers: [other.pki.signer] } }));
    const { problems } = await check();
    expect(found(problems, `signer ${other.pki.signer.certificate}`, "not issued")).toBeDefined();
  });

  it("is no problem beside one that can, when its time is over or to come", async () => {
    const { check } = await aSetup((pki) => ({
      ocsp: { signers: [pki.signer, issueSigner(pki, { days: [-30, -1] })] },
    }));
    expect((await check()).problems).toEqual([]);
  });

  it("a certificate that is none, and one that is broken deep inside", async () => {
    const { check, pki } = await aSetup(onlySigner({}));
    writeFileSync(join(pki.folder, "planted.pem"), "no certificate\n");
    expect(found((await check()).problems, "planted.pem", "no certificate")).toBeDefined();

    issueSigner(pki, { extensions: [...without("keyUsage"), "2.5.29.15 = DER:0500"] });
    const { problems } = await check();
    expect(found(problems, "issuer gov-1", "is damaged")).toBeDefined();
  });
});

describe("a signer's life", () => {
  it("that ends within 30 days is a warning", async () => {
    const { check, pki } = await aSetup(onlySigner({ days: [-1, 20] }));
    const { ok, warnings } = await check();
    expect(ok).toBe(true);
    const warning = found(warnings, join(pki.folder, "planted.pem"), "expires on");
    expect(warning?.problem).not.toContain("cut short");
    expect(warning?.do).toContain("vouch reload");
  });

  it("that ends within an answer's validity cuts answers short", async () => {
    const { check } = await aSetup(onlySigner({ days: [-1, 0.5] }));
    const { ok, warnings } = await check();
    expect(ok).toBe(true);
    expect(found(warnings, "expires on", "cut short of ocsp.validity")).toBeDefined();
  });

  it("is no worry where another signer lasts longer", async () => {
    const { check } = await aSetup((pki) => {
      const soon = issueSigner(pki, { days: [-1, 5] });
      for (const file of ["planted.pem", "planted.key"]) {
        copyFileSync(join(pki.folder, file), join(pki.folder, `soon-${file}`));
      }
      expect(soon.key).toContain("planted.key");
      const first = {
        certificate: join(pki.folder, "soon-planted.pem"),
        key: join(pki.folder, "soon-planted.key"),
      };
      return { ocsp: { signers: [first, issueSigner(pki)] } };
    });
    expect(await check()).toEqual({ ok: true, problems: [], warnings: [] });
  });

  it("a signature with SHA-1 on it is a warning", async () => {
    const { check } = await aSetup(onlySigner({ digest: "sha1" }), undefined, "rsa");
    const { warnings } = await check();
    expect(found(warnings, "planted.pem", "signed with SHA-1")).toBeDefined();
  });
});

describe("a CA", () => {
  it("that has expired is a warning", async () => {
    const { check } = await aSetup();
    const later = Math.floor(Date.now() / 1000) + 11 * 365 * 86_400;
    const { warnings } = await check(() => later);
    expect(found(warnings, "issuer gov-1, certificate", "expired on")).toBeDefined();
  });

  it("whose certificate is no CA's is a problem", async () => {
    const { check, pki } = await aSetup();
    remakeCA(pki, "-subj", "/CN=none", "-extensions", "leaf");
    const { problems } = await check();
    expect(found(problems, pki.caCertificate, "is not a CA certificate")).toBeDefined();
  });

  it("with a short RSA key is a warning, and cannot sign CRLs", async () => {
    const { check, pki } = await aSetup();
    const key = ["-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    mustRun("openssl", ["genpkey", ...key, "-out", "ca.key"], pki.folder);
    remakeCA(pki, "-subj", "/CN=short");
    const { problems, warnings } = await check();
    expect(found(warnings, "1024 bits")).toBeDefined();
    expect(
      found(problems, "issuer gov-1, crl.signer", "of a kind that does not sign"),
    ).toBeDefined();
  });

  it("that is configured twice is a problem of the second", async () => {
    const { check } = await aSetup(undefined, (pki) => ({
      issuers: ["gov-1", "gov-2"].map((name) => ({
        name,
        certificate: pki.caCertificate,
        ocsp: { signers: [pki.signer] },
      })),
    }));
    const { problems } = await check();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ where: "issuer gov-2" });
    expect(problems[0]?.problem).toContain("same CA (name and key) as issuer gov-1");
  });

  it("whose CRL signer is another's is a problem", async () => {
    const other = await aSetup();
    const { caCertificate: certificate, caKey: key } = other.pki;
    const { check } = await aSetup(() => ({ crl: { signer: { certificate, key } } }));
    const { problems } = await check();
    expect(found(problems, "issuer gov-1, crl.signer", "another key than the CA")).toBeDefined();
  });
});
