import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { needs } from "../support/has-program.ts";
import { type Leaf, makePki } from "../support/openssl-pki.ts";
import { mustRun, run } from "../support/run-program.ts";
import { type Site, startSite } from "../support/site.ts";

/* The programs of `test/clients/`, each with a library that relying parties use, against the daemon. */

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));
const JARS = ["bcprov", "bcutil", "bcpkix"].map((name) => `/usr/share/java/${name}.jar`);
const METHODS = ["GET", "POST"] as const;

const java = needs("java", "apt-get install default-jdk-headless");
const go = needs("go", "apt-get install golang-go");
const python = needs("vouch-test-python", "see install_python_programs in .ci/run");
const hasJars = JARS.every(existsSync);
const bouncy = it.skipIf(!hasJars);
const jarNote = hasJars ? "" : " [needs Bouncy Castle: apt-get install libbcpkix-java]";

const pki = makePki({ algorithm: "ec", name: "CA có dấu của Việt Nam", leaves: 3 });
const [good, revoked] = pki.leaves as [Leaf, Leaf];
const leaves = [good, revoked].map(withResponder);
let site: Site;

beforeAll(async () => {
  pki.revokeInIndex(revoked, ["-crl_reason", "keyCompromise"]);
  site = await startSite({ issuers: [{ name: "ca", pki }] });
});

afterAll(() => site?.close());

/** The certificate with the responder's URL in it: without one, certvalidator looks at no answer. */
function withResponder({ serialNumber }: Leaf): string {
  const file = join(pki.folder, `${serialNumber}.pem`);
  const extensions = ["basicConstraints = CA:FALSE", "keyUsage = critical, digitalSignature"];
  const access = "authorityInfoAccess = OCSP;URI:http://ocsp.example.vn/";
  writeFileSync(join(pki.folder, "aia.cnf"), [...extensions, access, ""].join("\n"));
  const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", `0x${serialNumber}`];
  const args = ["-req", "-in", "req.pem", ...ca, "-extfile", "aia.cnf", "-days", "30", "-sha256"];
  mustRun("openssl", ["x509", ...args, "-out", file], pki.folder);
  return file;
}

/** Runs a client; both streams, so that what it complains about shows. */
async function says(program: string, args: readonly string[], cwd = CLIENTS): Promise<string> {
  const { stdout, stderr } = await run(program, args, { cwd });
  return `${stdout}${stderr}`;
}

for (const method of METHODS) {
  java(`Java PKIX, ${method}`, async () => {
    const how = `-Dcom.sun.security.ocsp.useget=${method === "GET"}`;
    const args = [how, "Pkix.java", `ocsp=${site.daemon.url}/ocsp`, pki.caCertificate, ...leaves];
    expect(await says("java", args)).toBe("good\nrevoked KEY_COMPROMISE\n");
  });

  bouncy(`Bouncy Castle, ${method}${jarNote}`, async () => {
    const asked = [`${site.daemon.url}/ocsp`, pki.caCertificate, method, ...leaves];
    const said = await says("java", ["-cp", JARS.join(":"), "Bouncy.java", ...asked]);
    expect(said).toBe("good\nrevoked 1\n");
  });

  go(`Go x/crypto/ocsp, ${method}`, async () => {
    const asked = [`${site.daemon.url}/ocsp`, pki.caCertificate, method, ...leaves];
    expect(await says("go", ["run", ".", ...asked], `${CLIENTS}go`)).toContain("good\nrevoked 1\n");
  });

  python(`Python cryptography and pyHanko's certvalidator, ${method}`, async () => {
    const asked = [`${site.daemon.url}/ocsp`, pki.caCertificate, method, ...leaves];
    expect(await says("vouch-test-python", ["pyca.py", ...asked])).toBe(
      [
        ...["cryptography: good", "certvalidator: good"],
        ...["cryptography: revoked keyCompromise", "certvalidator: revoked key_compromise", ""],
      ].join("\n"),
    );
  });
}
