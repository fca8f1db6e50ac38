import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request } from "../support/http-client.ts";
import { type KeyKind, makeKindPki } from "../support/key-kinds.ts";
import { basicResponse, mlDsaVerifies } from "../support/ml-dsa-verify.ts";
import { ocspRequest, onlyStatus, postOcsp, untilOcspSays } from "../support/ocsp-client.ts";
import { mustRun } from "../support/run-program.ts";
import { goodCsv, type Site, startSite } from "../support/site.ts";
import type { IssuerSetup } from "../support/vouch-file.ts";

/* CAs whose keys and signers are of other kinds than P-256 and RSA, side by side in one daemon. */

const KINDS: readonly KeyKind[] = ["RSA-PSS for SHA-384", "P-521", "Ed25519", "ML-DSA-87"];
const GOOD = "1ab23f";
const REVOKED = "ff303ae4e90ac1ed";

let site: Site;

beforeAll(async () => {
  const issuers = KINDS.map((kind, i) => ({ name: `ca-${i}`, pki: makeKindPki(kind) }));
  site = await startSite({ issuers });
  const file = join(site.places.folder, "issued.csv");
  writeFileSync(file, goodCsv([GOOD, REVOKED]));
  for (const { name, pki } of issuers) {
    expect((await site.vouch(["import", name, file])).code).toBe(0);
    await untilOcspSays(site.daemon.url, ocspRequest(pki, GOOD), "good");
    const reason = ["--reason", "keyCompromise"];
    expect((await site.vouch(["revoke", name, REVOKED, ...reason])).code).toBe(0);
    expect((await site.vouch(["crl", "issue", name])).code).toBe(0);
  }
});

afterAll(() => site?.close());

describe.each(KINDS.map((kind, i) => [kind, i] as const))("%s", (kind, i) => {
  const isMlDsa = kind.startsWith("ML-DSA");
  const issuer = (): IssuerSetup => site.issuers[i] as IssuerSetup;

  it.each([
    [GOOD, "good", "sha1"],
    [GOOD, "good", "sha256"],
    [REVOKED, "revoked", "sha1"],
    [REVOKED, "revoked", "sha256"],
  ] as const)("%s is %s for %s, and others verify it", async (serial, says, hash) => {
    const { pki } = issuer();
    const { body } = await postOcsp(site.daemon.url, ocspRequest(pki, serial, { hash }));
    expect(onlyStatus(body).certStatus).toBe(says);
    if (isMlDsa) {
      expect(mlDsaVerifies(basicResponse(body), pki.signer.certificate)).toBe(true);
      return;
    }
    writeFileSync(join(pki.folder, "answer.der"), body);
    const asked = ["-issuer", "ca.pem", `-${hash}`, "-serial", `0x${serial}`, "-no_nonce"];
    const said = mustRun(
      "openssl",
      ["ocsp", ...asked, "-CAfile", "ca.pem", "-respin", "answer.der"],
      pki.folder,
    );
    expect(said.split("\n")[0]).toBe(`0x${serial}: ${says}`);
  });

  it("its CRL lists what is revoked, and others verify it", async () => {
    const { name, pki } = issuer();
    const { body } = await request(`${site.daemon.url}/crl/${name}.crl`);
    expect(body.includes(Buffer.from(REVOKED, "hex"))).toBe(true);
    if (isMlDsa) {
      expect(mlDsaVerifies(body, pki.caCertificate)).toBe(true);
      return;
    }
    writeFileSync(join(pki.folder, "list.crl"), body);
    const read = ["crl", "-inform", "DER", "-in", "list.crl", "-noout", "-CAfile", "ca.pem"];
    mustRun("openssl", [...read, "-verify"], pki.folder);
  });
});
