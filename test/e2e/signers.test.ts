import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignerStatus } from "../../src/authority/admin-signer-types.ts";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { issueSigner } from "../setup/planted.ts";
import { startDaemon } from "../support/daemon.ts";
import { request } from "../support/http-client.ts";
import {
  ocspPath,
  ocspRequest,
  ocspSays,
  postOcsp,
  untilOcspSays,
} from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { mustRun } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";
import { vouchDocument, writeVouchFile } from "../support/vouch-file.ts";

/* Several signers of one issuer: which signs, and what becomes of one that is withdrawn. */

const DAY = 86_400;
const FIRST = "7e57";

function serialOf(certificate: string): string {
  const text = mustRun("openssl", ["x509", "-in", certificate, "-noout", "-serial"]);
  return BigInt(`0x${text.trim().split("=")[1]}`).toString(16);
}

async function signers(site: Site): Promise<SignerStatus[]> {
  return JSON.parse((await site.vouch(["signer", "list", "--json"])).stdout) as SignerStatus[];
}

async function signersOfAnswers(site: Site, serial: string): Promise<string[]> {
  const { stdout } = await site.vouch(["status", "gov-1", serial, "--json"]);
  return (JSON.parse(stdout) as CertificateStatus).answers.map(({ signer }) => signer);
}

function opensslVerifies(pki: Pki, answer: Uint8Array, serial: string): string {
  writeFileSync(join(pki.folder, "answer.der"), answer);
  const asked = ["-issuer", "ca.pem", "-serial", `0x${serial}`, "-no_nonce"];
  const trust = ["-CAfile", "ca.pem", "-respin", "answer.der"];
  return mustRun("openssl", ["ocsp", ...asked, ...trust], pki.folder).split("\n")[0] ?? "";
}

describe("a signer that is withdrawn, beside another", () => {
  let site: Site;
  let pki: Pki;
  let second: Pki["signer"];
  let leaf: string;

  beforeAll(async () => {
    pki = makePki({ algorithm: "ec" });
    second = issueSigner(pki, { days: [-1, 365] });
    const ocsp = { signers: [pki.signer, second], nonce: "ignore" };
    site = await startSite({ issuers: [{ name: "gov-1", pki, ocsp }] });
    leaf = pki.leaves[0]?.serialNumber ?? "";
  });

  afterAll(() => site?.close());

  it("signed until then, as the one with the latest notBefore; the other stood by", async () => {
    expect(await signersOfAnswers(site, leaf)).toEqual([FIRST, FIRST]);
    expect(await signers(site)).toEqual([
      expect.objectContaining({
        serialNumber: FIRST,
        state: "signs",
        algorithm: "ecdsaP256",
        daysLeft: 89,
        nextAt: null,
        key: expect.objectContaining({ kind: "file", isReachable: true, fault: null }),
      }),
      expect.objectContaining({
        serialNumber: serialOf(second.certificate),
        state: "standsBy",
        nextAt: expect.stringMatching(/^20/),
      }),
    ]);
    const table = (await site.vouch(["signer", "list", "gov-1"])).stdout;
    expect(table).toMatch(/gov-1 +7e57 +signs/);
  });

  it("is refused where it is no signer, and for an issuer that is not there", async () => {
    const unknown = await site.vouch(["signer", "withdraw", "gov-1", "99", "--json"]);
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: "unknownCertificate" } });
    expect((await site.vouch(["signer", "withdraw", "other", FIRST])).code).toBe(1);
    expect((await site.vouch(["signer", "withdraw", "gov-1", "xyz"])).code).toBe(2);
  });

  it("is gone from every answer when the command ends, and the other's are right", async () => {
    const done = await site.vouch(["signer", "withdraw", "gov-1", FIRST, "--json"]);
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toEqual({
      issuer: "gov-1",
      serialNumber: FIRST,
      sequence: expect.any(Number),
      signer: serialOf(second.certificate),
      records: pki.leaves.length,
      estimateSeconds: expect.any(Number),
      replaced: pki.leaves.length,
      isDone: true,
    });
    for (const { serialNumber } of pki.leaves) {
      const other = serialOf(second.certificate);
      expect(await signersOfAnswers(site, serialNumber)).toEqual([other, other]);
      const { body } = await postOcsp(site.daemon.url, ocspRequest(pki, serialNumber));
      expect(opensslVerifies(pki, body, serialNumber)).toBe(`0x${serialNumber}: good`);
    }
  });

  it("can be asked for again: nothing changes", async () => {
    const again = await site.vouch(["signer", "withdraw", "gov-1", FIRST, "--json"]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ sequence: null, replaced: 0, isDone: true });
  });

  it("never signs again, though configured, also after a reload and a restart", async () => {
    expect((await site.vouch(["reload"])).code).toBe(0);
    const states = async (): Promise<string[]> => (await signers(site)).map(({ state }) => state);
    expect(await states()).toEqual(["withdrawn", "signs"]);
    await site.daemon.stop();
    const daemon = await startDaemon(site.places);
    expect(await states()).toEqual(["withdrawn", "signs"]);
    expect((await site.vouch(["revoke", "gov-1", leaf, "--reason", "superseded"])).code).toBe(0);
    const other = serialOf(second.certificate);
    expect(await signersOfAnswers(site, leaf)).toEqual([other, other]);
    await daemon.stop();
  });
});

describe("a signer that is withdrawn, and there is no other", () => {
  let site: Site;
  let pki: Pki;

  beforeAll(async () => {
    pki = makePki({ algorithm: "ec" });
    site = await startSite({ issuers: [{ name: "gov-1", pki, ocsp: { nonce: "ignore" } }] });
  });

  afterAll(() => site?.close());

  it("nothing that it signed is served, not even as not modified, until another is there", async () => {
    const leaf = pki.leaves[0]?.serialNumber ?? "";
    const asked = ocspRequest(pki, leaf);
    const url = `${site.daemon.url}${ocspPath(asked)}`;
    const etag = String((await request(url)).headers["etag"]);
    const done = await site.vouch(["signer", "withdraw", "gov-1", FIRST, "--json"]);
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ signer: null, isDone: false, replaced: 0 });
    expect(await ocspSays(site.daemon.url, asked)).toBe("tryLater");
    const conditional = await request(url, { headers: { "if-none-match": etag } });
    expect(conditional.status).toBe(200);
    expect(conditional.body.toString("hex")).toBe("30030a0103");
    const readiness = `${site.daemon.opsUrl}/readyz`;
    await until(async () => (await request(readiness)).status === 503, { what: "not ready" });
    expect((await request(readiness)).body.toString()).toContain("no certificate has a signed");

    const second = issueSigner(pki, { days: [-1, 365] });
    const ocsp = { signers: [second], nonce: "ignore" };
    writeVouchFile(site.places.config, vouchDocument(site.places, [{ name: "gov-1", pki, ocsp }]));
    expect((await site.vouch(["reload"])).code).toBe(0);
    await untilOcspSays(site.daemon.url, asked, "good");
    const states = (await signers(site)).map(({ serialNumber, state }) => [serialNumber, state]);
    expect(states).toEqual([
      [serialOf(second.certificate), "signs"],
      [FIRST, "withdrawn"],
    ]);
  });

  it("the CA's own key is not withdrawn this way", async () => {
    const direct = makePki({ algorithm: "ec", direct: true, name: "Direct CA" });
    const own = await startSite({ issuers: [{ name: "gov-1", pki: direct }] });
    const refused = await own.vouch([
      "signer",
      "withdraw",
      "gov-1",
      serialOf(direct.caCertificate),
    ]);
    await own.close();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("the key of the CA gov-1 itself");
  });
});

/** A daemon whose first signer signs until the second does; at `over`, in milliseconds since 1970, the first has ended. */
interface Switching {
  readonly site: Site;
  readonly pki: Pki;
  readonly inTurn: readonly string[];
  readonly over: number;
}

/** One whose second signer begins in so many seconds; nothing where the daemon was not there by then. */
async function switchingIn(seconds: number): Promise<Switching | undefined> {
  const pki = makePki({ algorithm: "ec", leaves: 2 });
  const over = Date.now() + (seconds + 8) * 1_000;
  const first = issueSigner(pki, { days: [-1, (seconds + 8) / DAY] });
  const kept = { certificate: join(pki.folder, "a.pem"), key: join(pki.folder, "a.key") };
  mustRun("cp", [first.certificate, kept.certificate]);
  mustRun("cp", [first.key, kept.key]);
  const second = issueSigner(pki, { days: [seconds / DAY, 365] });
  const inTurn = [kept, second].map(({ certificate }) => serialOf(certificate));
  const ocsp = { signers: [kept, second], validity: "20s", backdate: "2s", nonce: "ignore" };
  const site = await startSite({ issuers: [{ name: "gov-1", pki, ocsp }] });
  const signing = await signersOfAnswers(site, pki.leaves[0]?.serialNumber ?? "");
  if (signing.every((signer) => signer === inTurn[0])) return { site, pki, inTurn, over };
  await site.close();
  return undefined;
}

describe("the switch to the next signer", () => {
  it("leaves no gap: every answer is good and verified, and the last are the next one's", async () => {
    let switching: Switching | undefined;
    for (let seconds = 8; !switching; seconds *= 2) switching = await switchingIn(seconds);
    const { site, pki, inTurn, over } = switching;
    const { serialNumber } = pki.leaves[0] ?? { serialNumber: "" };
    const asked = ocspRequest(pki, serialNumber);
    const seen = new Set(inTurn.slice(0, 1));
    for (let isOver = false; !isOver; ) {
      isOver = Date.now() > over + 1_000;
      const { body } = await postOcsp(site.daemon.url, asked);
      expect(opensslVerifies(pki, body, serialNumber)).toBe(`0x${serialNumber}: good`);
      for (const signer of await signersOfAnswers(site, serialNumber)) seen.add(signer);
    }
    await site.close();
    expect([...seen]).toEqual(inTurn);
  });
});
