import { verify, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signingKey, signOctets } from "../../src/signing/keys.ts";
import { startSigningPool } from "../../src/signing/pool.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";

let ec: Pki;
let rsa: Pki;

beforeAll(() => {
  ec = makePki({ algorithm: "ec", leaves: 0 });
  rsa = makePki({ algorithm: "rsa", leaves: 0 });
});

afterAll(() => {
  ec.remove();
  rsa.remove();
});

const der = (pki: Pki): Buffer => new X509Certificate(readFileSync(pki.signer.certificate)).raw;

function failure(keyFile: string, certificate: Buffer): string {
  try {
    signingKey({ keyFile, certificate });
  } catch (error) {
    return (error as Error).stack ?? String(error);
  }
  return "no failure";
}

/** Lines of a file that must not be told to anybody. */
function secrets(file: string): string[] {
  const lines = readFileSync(file, "latin1").split("\n");
  return lines.filter((line) => line.length >= 8 && !line.startsWith("-----"));
}

describe("a key that cannot be used", () => {
  const files: readonly (readonly [string, (folder: string) => string, RegExp])[] = [
    [
      "is missing",
      (folder) => join(folder, "missing.key"),
      /missing\.key cannot be read \(ENOENT\)/,
    ],
    ["is a folder", (folder) => folder, /cannot be read \(EISDIR\)/],
    ["is empty", (folder) => written(folder, "empty.key", ""), /is no private key in PEM form/],
    [
      "is something else",
      (folder) => written(folder, "text.key", "correct horse battery staple\n"),
      /text\.key is no private key in PEM form/,
    ],
    ["is a certificate", (folder) => join(folder, "ocsp.pem"), /is no private key in PEM form/],
    ["is cut short", (folder) => cutShort(folder), /cut\.key is no private key in PEM form/],
    ["is under a password", (folder) => encrypted(folder), /has a passphrase/],
    ["is a pipe that nobody writes", (folder) => pipe(folder), /pipe\.pem is no regular file/],
    ["is a device that never ends", () => "/dev/zero", /\/dev\/zero is no regular file/],
    ["is too large", (folder) => large(folder), /large\.pem is larger than 1048576 octets/],
    ["is a public key", (folder) => publicKey(folder), /is no private key in PEM form/],
    [
      "is another certificate's",
      (folder) => join(folder, "ca.key"),
      /ca\.key is not the key of the certificate "/,
    ],
    ["is of another kind", () => rsa.signer.key, /ocsp\.key is not the key of the certificate "/],
  ];

  it.each(files)(
    "because it %s: told by its file's name, and never by its content",
    (_, plant, words) => {
      mkdirSync(join(ec.folder, "sub"), { recursive: true });
      const file = plant(ec.folder);
      const said = failure(file, der(ec));
      expect(said).toMatch(words);
      if (file.endsWith(".key") && !file.endsWith("missing.key")) {
        for (const secret of secrets(file)) expect(said).not.toContain(secret.slice(0, 16));
      }
    },
  );

  it("comes back from the signing threads with the same words", async () => {
    const pool = startSigningPool(1);
    const keyFile = written(ec.folder, "late.key", "correct horse battery staple\n");
    const probe = pool.probe({ keyFile, certificate: der(ec) });
    const fault = `${keyFile} is no private key in PEM form`;
    expect(await probe).toEqual({ state: "unusable", fault });
    writeFileSync(keyFile, readFileSync(ec.signer.key));
    expect(await pool.probe({ keyFile, certificate: der(ec) })).toMatchObject({ state: "signs" });
    await pool.close();
  });

  it("is looked at again: one that was put right afterwards works", () => {
    const keyFile = written(ec.folder, "again.key", "");
    expect(failure(keyFile, der(ec))).toMatch(/no private key/);
    writeFileSync(keyFile, readFileSync(ec.signer.key));
    expect(failure(keyFile, der(ec))).toBe("no failure");
  });
});

describe("signOctets", () => {
  const octets = Buffer.from("what is signed");

  it("gives r and s of 32 octets each for ECDSA P-256, and openssl takes them", () => {
    const key = signingKey({ keyFile: ec.signer.key, certificate: der(ec) });
    const signature = signOctets(key, octets);
    expect(signature).toHaveLength(64);
    const { publicKey } = new X509Certificate(der(ec));
    const given = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", octets, given, signature)).toBe(true);
    expect(verify("sha256", Buffer.from("other octets"), given, signature)).toBe(false);
  });

  it("gives PKCS#1 v1.5 with SHA-256 for RSA, as long as the modulus", () => {
    const key = signingKey({ keyFile: rsa.signer.key, certificate: der(rsa) });
    const signature = signOctets(key, octets);
    expect(signature).toHaveLength(256);
    const at = (name: string, content: Buffer): string => {
      writeFileSync(join(rsa.folder, name), content);
      return name;
    };
    const files = [at("octets", octets), at("signature", signature)];
    mustRun(
      "openssl",
      ["x509", "-in", "ocsp.pem", "-pubkey", "-noout", "-out", "ocsp.pub"],
      rsa.folder,
    );
    const check = [
      "dgst",
      "-sha256",
      "-verify",
      "ocsp.pub",
      "-signature",
      files[1] ?? "",
      files[0] ?? "",
    ];
    expect(mustRun("openssl", check, rsa.folder)).toContain("Verified OK");
  });
});

function written(folder: string, name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function pipe(folder: string): string {
  const file = join(folder, "pipe.pem");
  mustRun("mkfifo", [file]);
  return file;
}

function large(folder: string): string {
  return written(folder, "large.pem", "x".repeat(1024 * 1024 + 1));
}

function cutShort(folder: string): string {
  const pem = readFileSync(join(folder, "ocsp.key"), "latin1").split("\n");
  return written(folder, "cut.key", [...pem.slice(0, 2), pem.at(-2), ""].join("\n"));
}

function encrypted(folder: string): string {
  const args = ["pkey", "-in", "ocsp.key", "-aes256", "-passout", "pass:secret-words"];
  mustRun("openssl", [...args, "-out", "locked.key"], folder);
  return join(folder, "locked.key");
}

function publicKey(folder: string): string {
  mustRun("openssl", ["pkey", "-in", "ocsp.key", "-pubout", "-out", "public.key"], folder);
  return join(folder, "public.key");
}
