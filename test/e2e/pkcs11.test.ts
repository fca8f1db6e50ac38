import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { SignerStatus } from "../../src/authority/admin-signer-types.ts";
import type { ChangeReport } from "../../src/authority/admin-types.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { hasProgram, needs } from "../support/has-program.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";
import { INSTALL_SOFTHSM, makeSoftHSM, type SoftHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";

/* An issuer whose signer's key is in a token of SoftHSM2, beside one with a key in a file. */

const it = needs("softhsm2-util", INSTALL_SOFTHSM);

let hsm: SoftHSM;
let site: Site;
let daemon: Daemon;
let inToken: Pki;
let inFile: Pki;

beforeAll(async () => {
  if (!hasProgram("softhsm2-util")) return;
  hsm = makeSoftHSM();
  inToken = makePki({ algorithm: "ec", name: "CA of the token" });
  inFile = makePki({ algorithm: "ec", name: "CA of the file" });
  const key = hsm.importKey("ocsp", readFileSync(inToken.signer.key));
  const signers = [{ certificate: inToken.signer.certificate, key }];
  const issuers = [
    { name: "token", pki: inToken, ocsp: { signers, nonce: "ignore" }, crl: false as const },
    { name: "file", pki: inFile, ocsp: { nonce: "ignore" }, crl: false as const },
  ];
  site = await startSite({ issuers, daemon: { env: hsm.env } });
  daemon = site.daemon;
});

afterAll(async () => {
  await daemon?.stop();
  await site?.close();
  hsm?.remove();
});

const leaf = (pki: Pki, index: number): string => pki.leaves[index]?.serialNumber ?? "";

async function revoke(issuer: string, serial: string): Promise<ChangeReport> {
  const args = ["revoke", issuer, serial, "--reason", "keyCompromise", "--json"];
  return JSON.parse((await site.vouch(args)).stdout) as ChangeReport;
}

async function signer(issuer: string): Promise<SignerStatus> {
  const { stdout } = await site.vouch(["signer", "list", issuer, "--json"]);
  return (JSON.parse(stdout) as SignerStatus[])[0] as SignerStatus;
}

describe("a signer in a token", () => {
  it("signs, and is seen to", async () => {
    expect(await revoke("token", leaf(inToken, 0))).toMatchObject({ changed: 1, unsigned: [] });
    expect(await ocspSays(daemon.url, ocspRequest(inToken, leaf(inToken, 0)))).toBe("revoked");
    expect(await signer("token")).toMatchObject({
      state: "signs",
      key: { kind: "token", isReachable: true, signaturesPerSecond: expect.any(Number) },
    });
    mustRun("openssl", [
      ...["ocsp", "-issuer", inToken.caCertificate, "-cert", inToken.leaves[1]?.certificate ?? ""],
      ...["-url", daemon.url, "-CAfile", inToken.caCertificate, "-no_nonce"],
    ]);
  });

  it("while it is away, revocations are recorded, what is signed is served, others are not touched", async () => {
    hsm.takeAway();
    const serial = leaf(inToken, 1);
    expect(await revoke("token", serial)).toMatchObject({ changed: 1, unsigned: [serial] });
    expect(await ocspSays(daemon.url, ocspRequest(inToken, serial))).toBe("tryLater");
    expect(await ocspSays(daemon.url, ocspRequest(inToken, leaf(inToken, 2)))).toBe("good");
    expect(await revoke("file", leaf(inFile, 0))).toMatchObject({ changed: 1, unsigned: [] });
    expect(await signer("token")).toMatchObject({ state: "keyFault", key: { isReachable: false } });
    expect(await signer("file")).toMatchObject({ state: "signs" });
    expect((await site.vouch(["reload"])).code).toBe(0);
  });

  it("the daemon starts without it, and serves what is signed", async () => {
    await daemon.stop();
    daemon = await startDaemon(site.places, { env: hsm.env });
    expect(await ocspSays(daemon.url, ocspRequest(inToken, leaf(inToken, 2)))).toBe("good");
    expect(await ocspSays(daemon.url, ocspRequest(inToken, leaf(inToken, 1)))).toBe("tryLater");
    expect(await revoke("file", leaf(inFile, 1))).toMatchObject({ changed: 1, unsigned: [] });
  });

  it("when it is back, what waited is signed, without a restart", async () => {
    hsm.bringBack();
    const asked = ocspRequest(inToken, leaf(inToken, 1));
    await untilOcspSays(daemon.url, asked, "revoked");
    await until(async () => (await signer("token")).state === "signs", { what: "it to sign" });
    expect(await revoke("token", leaf(inToken, 2))).toMatchObject({ unsigned: [] });
  });

  it("its PIN is told to nobody", async () => {
    const log = daemon.stdout() + daemon.stderr();
    const told = [log, (await site.vouch(["signer", "list", "--json"])).stdout];
    expect(told.join("\n")).toContain(hsm.pinFile);
    for (const text of told) expect(text).not.toContain(hsm.pin);
  });
});

describe("signer csr and check", () => {
  it("takes a token's key for a request that openssl verifies", async () => {
    for (const [kind, option] of [
      ["EC", "ec_paramgen_curve:P-384"],
      ["RSA", "rsa_keygen_bits:2048"],
    ] as const) {
      const generated = ["genpkey", "-quiet", "-algorithm", kind, "-pkeyopt", option];
      const uri = hsm.importKey(`new-${kind}`, mustRun("openssl", generated));
      const out = `${site.places.folder}/${kind}.csr`;
      const made = await site.vouch(["signer", "csr", "token", "--key", uri, "--out", out], {
        env: hsm.env,
      });
      expect(made.code, made.stderr).toBe(0);
      mustRun("openssl", ["req", "-in", out, "-verify", "-noout"]);
    }
  });

  it("finds the key that is there, and says when its PIN file is open to others", async () => {
    const { code, stderr, stdout } = await site.vouch(["check"], { env: hsm.env });
    expect(code, stdout + stderr).toBe(0);
    mustRun("chmod", ["644", hsm.pinFile]);
    const open = await site.vouch(["check"], { env: hsm.env });
    mustRun("chmod", ["600", hsm.pinFile]);
    expect(open.code).toBe(2);
    expect(open.stdout).toContain(`chmod 600 ${hsm.pinFile}`);
  });
});
