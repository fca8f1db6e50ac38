import { afterAll, beforeAll, describe, expect } from "vitest";
import { type EverySignerSite, SIGNERS, startEverySigner } from "../support/every-signer.ts";
import { needs } from "../support/has-program.ts";
import type { PointingLeaf } from "../support/leaf-with-pointers.ts";
import { ocspRequest, postOcsp } from "../support/ocsp-client.ts";
import type { Leaf } from "../support/openssl-pki.ts";
import { httpStatusFor, stapled, type TlsServer } from "../support/tls-server.ts";
import { until } from "../support/until.ts";
import {
  giveStaple,
  startApache,
  startHaproxy,
  startNginx,
  startStunnel,
} from "../support/web-servers.ts";

/* Servers that staple Vouch's answer about themselves, or ask it about their clients. */

const nginx = needs("nginx", "apt-get install nginx-light");
const apache = needs("apache2", "apt-get install apache2-bin");
const haproxy = needs("haproxy", "apt-get install haproxy");
const stunnel = needs("stunnel4", "apt-get install stunnel4");

let every: EverySignerSite;

beforeAll(async () => {
  every = await startEverySigner();
});

afterAll(() => every?.site.close());

/** Stops the server whatever comes; what it wrote is part of a failure. */
async function using(server: TlsServer, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    throw new Error(`${String(error)}\nthe server wrote: ${server.output()}`);
  } finally {
    await server.stop();
  }
}

/** What a server writes may come after what its client got. */
async function untilWrites(server: TlsServer, words: RegExp): Promise<void> {
  await until(() => words.test(server.output()), { what: `it to write ${words}` });
}

/** Waits, for nginx has nothing yet for its first client. */
async function expectGoodStaple(server: TlsServer, caCertificate: string): Promise<void> {
  const ask = async (): Promise<string | false> => {
    const said = await stapled(server.port, caCertificate);
    return said.includes("OCSP Response Status") && said;
  };
  const said = await until(ask, { what: "a stapled answer", every: 200 });
  expect(said).toContain("Cert Status: good");
  expect(said).toContain("Verify return code: 0 (ok)");
}

for (const { name, path } of SIGNERS) {
  describe(`${name}, http://host${path}`, () => {
    for (const [web, test, start] of [
      ["nginx", nginx, startNginx],
      ["Apache", apache, startApache],
    ] as const) {
      test(`${web} staples a good answer`, async () => {
        const { good, caCertificate } = every.certificates(name);
        const server = await start({ leaf: good, caCertificate, use: "staple" });
        await using(server, () => expectGoodStaple(server, caCertificate));
      });

      test(`${web} lets a good client certificate in, no revoked and no unissued one`, async () => {
        const { good, revoked, unissued, caCertificate } = every.certificates(name);
        const use = "client-certificates";
        const server = await start({ leaf: good, caCertificate, use });
        await using(server, async () => {
          const ask = (leaf: PointingLeaf) => httpStatusFor(server.port, caCertificate, leaf);
          expect(await ask(good)).toBe(204);
          const refused = web === "nginx" ? 400 : 0;
          expect(await ask(revoked)).toBe(refused);
          expect(await ask(unissued)).toBe(refused);
          await untilWrites(server, /certificate revoked/);
          await untilWrites(server, /OCSP response not successful.*6/);
        });
      });
    }

    for (const nonce of ["no", "yes"] as const)
      stunnel(
        `stunnel lets a good client certificate in, no revoked and no unissued one (nonce: ${nonce})`,
        async () => {
          const { good, revoked, unissued, caCertificate } = every.certificates(name);
          const backend = every.site.places.publicPort;
          const server = await startStunnel({ leaf: good, caCertificate, backend, nonce });
          await using(server, async () => {
            const ask = (leaf: PointingLeaf) => httpStatusFor(server.port, caCertificate, leaf);
            expect(await ask(good)).toBe(200);
            expect(await ask(revoked)).toBe(0);
            expect(await ask(unissued)).toBe(0);
            await untilWrites(server, /OCSP: Status: good/);
            await untilWrites(server, /OCSP: Certificate revoked: 1: keyCompromise/);
            await untilWrites(server, /OCSP: Responder error: 6: unauthorized/);
          });
        },
      );

    haproxy("HAProxy staples the answer that it is given", async () => {
      const { good, pki, caCertificate } = every.certificates(name);
      const { serialNumber } = pki.leaves[0] as Leaf;
      const { body } = await postOcsp(every.site.daemon.url, ocspRequest(pki, serialNumber));
      const server = await startHaproxy({ leaf: good, caCertificate });
      await using(server, async () => {
        expect(await giveStaple(server, body)).toContain("OCSP Response updated!");
        await expectGoodStaple(server, caCertificate);
      });
    });
  });
}
