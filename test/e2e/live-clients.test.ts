import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { needs } from "../support/has-program.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { parsePrometheus, total } from "../support/prometheus-text.ts";
import { run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

const GO_CLIENT = fileURLToPath(new URL("clients/go-ocsp", import.meta.url));
const PKIX = fileURLToPath(new URL("../clients/Pkix.java", import.meta.url));
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

java("Java's PKIX, with a nonce: good, and revoked with its reason", async () => {
  const leaves = pki.leaves.slice(0, 2).map(({ certificate }) => certificate);
  const says = async (how: "nonce" | "ocsp"): Promise<string> => {
    const asking = [`${how}=${site.daemon.url}/ocsp`, pki.caCertificate, ...leaves];
    const { stdout, stderr } = await run("java", [PKIX, ...asking]);
    return stdout + stderr;
  };
  const before = await signedLive();
  expect(await says("nonce")).toBe("good\nrevoked KEY_COMPROMISE\n");
  expect((await signedLive()) - before).toBe(2);
  expect(await says("ocsp")).toBe("good\nrevoked KEY_COMPROMISE\n");
  expect((await signedLive()) - before).toBe(2);
});

go("Go's x/crypto/ocsp, by all hashes", async () => {
  const program = join(pki.folder, "go-ocsp");
  const build = { cwd: GO_CLIENT };
  const built = await run("go", ["build", "-buildvcs=false", "-o", program, "."], build);
  expect([built.code, built.stderr]).toEqual([0, expect.anything()]);
  for (const hash of ["sha1", "sha256", "sha384", "sha512"]) {
    expect(await run(program, [...asked(0), hash])).toMatchObject({ stdout: "good\n" });
    expect(await run(program, [...asked(1), hash])).toMatchObject({ stdout: "revoked\n" });
  }
});
