import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { needs } from "../support/has-program.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { parsePrometheus, total } from "../support/prometheus-text.ts";
import { run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

const CLIENTS = fileURLToPath(new URL("clients/", import.meta.url));
const java = needs("javac", "apt-get install default-jdk-headless");
const go = needs("go", "apt-get install golang-go");

let site: Site;
let pki: Pki;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 3 });
  const [, revoked] = pki.leaves;
  if (revoked) pki.revokeInIndex(revoked, ["-crl_reason", "keyCompromise"]);
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
});

afterAll(async () => {
  await site?.close();
});

const asked = (leaf: number): string[] => [
  pki.caCertificate,
  pki.leaves[leaf]?.certificate ?? "",
  `${site.daemon.url}/ocsp`,
];

async function signedLive(): Promise<number> {
  const text = await (await fetch(`${site.daemon.opsUrl}/metrics`)).text();
  return total(parsePrometheus(text), "vouch_ocsp_answers_signed_total", { kind: "live" });
}

java("Java's PKIX, with a nonce: valid, and revoked with its reason", async () => {
  const program = `${CLIENTS}CheckRevocation.java`;
  const before = await signedLive();
  const good = await run("java", [program, ...asked(0), "nonce"]);
  expect([good.stdout.trim(), good.stderr]).toEqual(["valid", ""]);
  const revoked = await run("java", [program, ...asked(1), "nonce"]);
  expect(revoked.stdout).toMatch(/^REVOKED: .*KEY_COMPROMISE/);
  expect((await signedLive()) - before).toBe(2);
  const without = await run("java", [program, ...asked(0)]);
  expect(without.stdout.trim()).toBe("valid");
  expect((await signedLive()) - before).toBe(2);
});

go("Go's x/crypto/ocsp, by all hashes", async () => {
  const program = join(pki.folder, "go-ocsp");
  const build = { cwd: `${CLIENTS}go-ocsp` };
  const built = await run("go", ["build", "-buildvcs=false", "-o", program, "."], build);
  expect([built.code, built.stderr]).toEqual([0, expect.anything()]);
  for (const hash of ["sha1", "sha256", "sha384", "sha512"]) {
    expect(await run(program, [...asked(0), hash])).toMatchObject({ stdout: "good\n" });
    expect(await run(program, [...asked(1), hash])).toMatchObject({ stdout: "revoked\n" });
  }
});
