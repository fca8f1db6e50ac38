import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CRLIssuer,
  type CRLSite,
  FATES,
  type Fate,
  startCRLSite,
} from "../support/crl-site.ts";
import { needs } from "../support/has-program.ts";
import { mustRun, run } from "../support/run-program.ts";

/* What relying parties' own programs say of certificates by the CRLs that the daemon publishes. */

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));
const JARS = ["bcprov", "bcutil", "bcpkix"].map((name) => `/usr/share/java/${name}.jar`);

const java = needs("java", "apt-get install default-jdk-headless");
const go = needs("go", "apt-get install golang-go");
const python = needs("vouch-test-python", "see install_python_programs in .ci/run");
const strongswan = needs("pki", "apt-get install strongswan-pki");
const nss = needs("crlutil", "apt-get install libnss3-tools");
const certtool = needs("certtool", "apt-get install gnutls-bin");
const hasJars = JARS.every(existsSync);
const bouncy = it.skipIf(!hasJars);
const jarNote = hasJars ? "" : " [needs Bouncy Castle: apt-get install libbcpkix-java]";

let made: CRLSite | undefined;
const issuer = (name: string): CRLIssuer => {
  const found = made?.issuers.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};

beforeAll(async () => {
  made = await startCRLSite();
});

afterAll(() => made?.site.close());

/** Both streams, so that what a program complains about shows. */
async function says(program: string, args: readonly string[], cwd = CLIENTS): Promise<string> {
  const { stdout, stderr } = await run(program, args, { cwd });
  return `${stdout}${stderr}`;
}

const files = (leaves: CRLIssuer["leaves"]): string[] =>
  FATES.map((fate) => leaves[fate].certificate);

const lines = (text: Record<Fate, string>): string =>
  FATES.map((fate) => `${text[fate]}\n`).join("");

/** What is said by the full CRL alone, and by the full CRL and the delta. */
const FULL = { good: "good", before: "revoked", after: "good", released: "revoked", held: "good" };
const NEWEST = { ...FULL, after: "revoked", released: "good", held: "revoked" };

describe.each(["ec", "rsa"])("CRLs signed with %s", (name) => {
  java("Java PKIX fetches the CRLs that certificates name, full or shard", async () => {
    const { pki, leaves, sharded } = issuer(name);
    const args = ["-Dcom.sun.security.enableCRLDP=true", "Pkix.java", "crl", pki.caCertificate];
    const before = "revoked KEY_COMPROMISE 2026-10-01T00:00:00Z";
    const each = lines({ ...FULL, before, released: "revoked CERTIFICATE_HOLD" });
    const given = [...files(leaves), ...files(sharded)];
    expect(await says("java", [...args, ...given])).toBe(`${each}${each}`);
  });

  bouncy(`Bouncy Castle puts the delta on the full CRL${jarNote}`, async () => {
    const { pki, leaves, fetch } = issuer(name);
    const crls = [await fetch(".crl", "DER"), await fetch("-delta.crl", "DER")];
    const args = ["-cp", JARS.join(":"), "BouncyCrl.java", pki.caCertificate, ...crls];
    expect(await says("java", [...args, ...files(leaves)])).toBe(
      lines({
        ...NEWEST,
        before: "revoked keyCompromise",
        after: "revoked superseded",
        held: "revoked certificateHold",
      }),
    );
  });

  it("openssl verify -crl_download fetches full, delta and shard", async () => {
    const { pki, leaves, sharded } = issuer(name);
    const asked = async (file: string): Promise<string> => {
      const checks = ["-crl_check", "-crl_download", "-extended_crl", "-use_deltas"];
      const said = await says("openssl", ["verify", ...checks, "-CAfile", pki.caCertificate, file]);
      return /: OK$/m.test(said) ? "good" : said.includes("certificate revoked") ? "revoked" : said;
    };
    for (const fate of FATES) {
      expect([fate, await asked(leaves[fate].certificate)]).toEqual([fate, NEWEST[fate]]);
      expect([fate, await asked(sharded[fate].certificate)]).toEqual([fate, FULL[fate]]);
    }
  });

  certtool("GnuTLS certtool --verify looks in the full CRL", async () => {
    const { pki, leaves, fetch } = issuer(name);
    const given = ["--load-ca-certificate", pki.caCertificate, "--load-crl", await fetch(".crl")];
    for (const fate of FATES) {
      const said = await says("certtool", [
        "--verify",
        ...given,
        "--infile",
        leaves[fate].certificate,
      ]);
      expect(said).toMatch(FULL[fate] === "good" ? /output: Verified/ : /chain is revoked/);
    }
  });

  strongswan("strongSwan fetches the full CRL, and shows each kind", async () => {
    const { pki, leaves, fetch } = issuer(name);
    for (const fate of FATES) {
      const args = ["--verify", "--in", leaves[fate].certificate, "--cacert", pki.caCertificate];
      const said = await says("pki", [...args, "--online"]);
      expect(said).toContain("crl correctly signed by");
      expect(said).toMatch(
        FULL[fate] === "good" ? /certificate not revoked/ : /certificate was revoked on .*reason/,
      );
    }
    const shown = async (end: string): Promise<string> =>
      says("pki", ["--print", "--type", "crl", "--in", await fetch(end, "DER")]);
    expect(await shown(".crl")).toMatch(
      /freshest: +http:.*-delta\.crl[\s\S]*2 revoked certificates/,
    );
    expect(await shown("-delta.crl")).toMatch(/delta CRL: for serial[\s\S]*remove from crl/);
    expect(await shown("/0.crl")).toMatch(/authKeyId/);
  });

  nss("NSS imports the full CRL, and finds in it what is revoked", async () => {
    const { pki, leaves, fetch } = issuer(name);
    const folder = join(pki.folder, "nss");
    mkdirSync(folder);
    const db = ["-d", `sql:${folder}`];
    mustRun("certutil", ["-N", ...db, "--empty-password"]);
    mustRun("certutil", ["-A", ...db, "-n", "CA", "-t", "CT,C,C", "-a", "-i", pki.caCertificate]);
    mustRun("crlutil", ["-I", ...db, "-t", "1", "-i", await fetch(".crl", "DER")]);
    for (const fate of FATES) {
      const leaf = ["-n", fate, "-t", ",,", "-a", "-i", leaves[fate].certificate];
      mustRun("certutil", ["-A", ...db, ...leaf]);
      const said = await says("certutil", ["-V", ...db, "-n", fate, "-u", "C"]);
      expect(said).toContain(FULL[fate] === "good" ? "certificate is valid" : "has been revoked");
    }
  });

  go("Go's crypto/x509 reads each kind", async () => {
    const { pki, serialNumbers, fetch } = issuer(name);
    const asked = async (end: string): Promise<string> => {
      const given = [pki.caCertificate, await fetch(end, "DER"), ...Object.values(serialNumbers)];
      const said = await says("go", ["run", ".", ...given], `${CLIENTS}go-crl`);
      return said.replace(/^number \d+\n/, "");
    };
    const full = { ...FULL, before: "revoked 1", released: "revoked 6" };
    expect(await asked(".crl")).toBe(lines(full));
    const changes = { after: "revoked 4", released: "revoked 8", held: "revoked 6" };
    expect(await asked("-delta.crl")).toBe(lines({ ...full, ...changes }));
    expect(await asked("/0.crl")).toMatch(/^(good\n|revoked \d\n){5}$/);
  });

  python(
    "Python's cryptography reads the full CRL, pyHanko's certvalidator puts the delta on it",
    async () => {
      const { pki, leaves, fetch } = issuer(name);
      const crls = [await fetch(".crl", "DER"), await fetch("-delta.crl", "DER")];
      const args = ["pyca_crl.py", pki.caCertificate, ...crls, ...files(leaves)];
      const both = (one: string, other: string): string =>
        `cryptography: ${one}\ncertvalidator: ${other}`;
      expect(await says("vouch-test-python", args)).toBe(
        lines({
          good: both("good", "good"),
          before: both("revoked keyCompromise", "revoked key_compromise"),
          after: both("good", "revoked superseded"),
          released: both("revoked certificateHold", "good"),
          held: both("good", "revoked certificate_hold"),
        }),
      );
    },
  );
});
