import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EverySignerSite, SIGNERS, startEverySigner } from "../support/every-signer.ts";
import { needs } from "../support/has-program.ts";
import { programPath } from "../support/program-path.ts";
import { mustRun, run } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { NODE } from "../support/vouch-cli.ts";

/* More programs that ask OCSP responders, each by its own way of asking, against the daemon. */

const CLIENTS = fileURLToPath(new URL("../clients/", import.meta.url));
const nss = needs("ocspclnt", "apt-get install libnss3-tools");
const python = needs("vouch-test-python", "see install_python_programs in .ci/run");
const CURL_PLUGIN = "/usr/lib/ipsec/plugins/libstrongswan-curl.so";
const hasFetcher = programPath("pki") !== undefined && existsSync(CURL_PLUGIN);
const strongswan = it.skipIf(!hasFetcher);
const swanNote = hasFetcher
  ? ""
  : " [needs pki: apt-get install strongswan-pki libstrongswan-extra-plugins]";
const npmFolder = programPath("vouch-test-npm");
const npm = needs("vouch-test-npm", "see install_npm_programs in .ci/run");

const FATES = ["good", "revoked", "unissued"] as const;
type Fate = (typeof FATES)[number];

let every: EverySignerSite;

beforeAll(async () => {
  every = await startEverySigner();
});

afterAll(() => every?.site.close());

async function says(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, args);
  return `${stdout}${stderr}`;
}

for (const { name, path, algorithm, direct } of SIGNERS) {
  describe(`${name}, http://host${path}`, () => {
    nss("NSS: ocspclnt, told the responder; vfychain, by the certificate", async () => {
      const { caCertificate, ...leaves } = every.certificates(name);
      const db = ["-d", `sql:${tempFolder()}`];
      const url = `${every.site.daemon.url}${path}`;
      mustRun("certutil", ["-N", ...db, "--empty-password"]);
      mustRun("certutil", ["-A", ...db, "-n", "CA", "-t", "CT,C,C", "-a", "-i", caCertificate]);
      const ocsp = ["-g", "leaf", "-m", "ocsp", "-s", "requireInfo,failIfNoInfo"];
      const told: Record<Fate, string> = { good: "", revoked: "", unissued: "" };
      for (const fate of FATES) {
        const { certificate } = leaves[fate];
        mustRun("certutil", ["-A", ...db, "-n", fate, "-t", ",,", "-a", "-i", certificate]);
        told[fate] = await says("ocspclnt", ["-S", fate, ...db, "-l", url, "-t", "CA"]);
        const chain = await says("vfychain", [...db, "-pp", "-u", "1", ...ocsp, "-a", certificate]);
        expect(chain).toContain(fate === "good" ? "Chain is good!" : "has been revoked");
      }
      expect(told.good).toContain('Check of certificate "good" succeeded');
      expect(told.revoked).toContain("Peer's Certificate has been revoked");
      expect(told.unissued).toContain("The OCSP server has refused this request as unauthorized");
    });

    strongswan(`strongSwan: pki --verify --online${swanNote}`, async () => {
      const { caCertificate, ...leaves } = every.certificates(name);
      const verify = (fate: Fate): Promise<string> => {
        const files = ["--in", leaves[fate].certificate, "--cacert", caCertificate];
        return says("pki", ["--verify", ...files, "--online"]);
      };
      const good = await verify("good");
      expect(good).toContain("ocsp response correctly signed");
      expect(good).toContain("certificate not revoked");
      const revoked = await verify("revoked");
      expect(revoked).toMatch(/certificate was revoked on .*, reason: key compromise/);
      expect(revoked).toContain("certificate untrusted");
      expect(await verify("unissued")).toContain("ocsp response status: unauthorized");
    });

    npm(
      "Node.js: easy-ocsp with a nonce and without, ocsp where it knows the algorithm",
      async () => {
        const { caCertificate, ...leaves } = every.certificates(name);
        const folder = mustRun(npmFolder ?? "", []).trim();
        const ask = async (fate: Fate): Promise<string[]> => {
          const url = `${every.site.daemon.url}${path}`;
          const args = [folder, url, caCertificate, leaves[fate].certificate];
          return (await says(NODE, ["--no-deprecation", join(CLIENTS, "npm.mjs"), ...args]))
            .trim()
            .split("\n");
        };
        const unknown = "ocsp: Unknown signature algorithm 1,2,840,10045,4,3,2";
        const expected = (ocsp: string): string => (algorithm === "ec" ? unknown : ocsp);
        expect(await ask("good")).toEqual([
          ...["easy-ocsp: good", "easy-ocsp: good", expected("ocsp: good")],
        ]);
        expect(await ask("revoked")).toEqual([
          ...["easy-ocsp: revoked 1", "easy-ocsp: revoked 1"],
          expected("ocsp: OCSP Status: revoked"),
        ]);
        expect(await ask("unissued")).toEqual([
          ...["easy-ocsp: OCSP server response: unauthorized"],
          ...["easy-ocsp: OCSP server response: unauthorized"],
          "ocsp: Bad OCSP response status: unauthorized",
        ]);
      },
    );

    // Where the trust anchor itself signs answers, pyHanko's validation of old signatures wants to know whether it is revoked.
    if (direct) return;
    python(
      "pyHanko: a PDF signed to PAdES-LTA carries the answer and is valid without a network",
      async () => {
        const { caCertificate, ...leaves } = every.certificates(name);
        const sign = async (fate: Fate): Promise<string> => {
          const { certificate, key } = leaves[fate];
          const args = [join(CLIENTS, "ltv.py"), caCertificate, certificate, key];
          return (await run("vouch-test-python", args)).stdout;
        };
        expect(await sign("good")).toBe("AdESPassed.OK, 1 OCSP answers\n");
        expect(await sign("revoked")).toMatch(/^not signed: .*revoked.*compromised key/);
        expect(await sign("unissued")).toMatch(/^not signed: .*no revocation information/);
      },
    );
  });
}
