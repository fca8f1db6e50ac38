import { afterAll, beforeAll, describe, expect } from "vitest";
import {
  type CRLIssuer,
  type CRLSite,
  FATES,
  type Fate,
  startCRLSite,
} from "../support/crl-site.ts";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { httpStatusFor, startTlsServer, type TlsServer } from "../support/tls-server.ts";
import { startApache, startHaproxy, startNginx, startStunnel } from "../support/web-servers.ts";

/* Servers that look for their clients in a CRL of the daemon, and clients that look for their servers in it. */

const curl = needs("curl", "apt-get install curl");
const wget = needs("wget", "apt-get install wget");

/** By the newest full CRL. */
const REVOKED: readonly Fate[] = ["before", "released"];

let made: CRLSite | undefined;

beforeAll(async () => {
  made = await startCRLSite();
});

afterAll(() => made?.site.close());

function issuer(name: string): CRLIssuer {
  const found = made?.issuers.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
}

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

type Plan = Parameters<typeof startHaproxy>[0] & { readonly crl: string };

/** Each server, and the HTTP status that whom it lets in gets, and whom it does not: 0 is a failed handshake. */
const SERVERS: readonly {
  readonly name: string;
  readonly program: string;
  readonly install: string;
  readonly start: (plan: Plan) => Promise<TlsServer>;
  readonly lets: number;
  readonly refuses: number;
}[] = [
  {
    ...{ name: "nginx ssl_crl", program: "nginx", install: "nginx-light" },
    start: (plan) => startNginx({ ...plan, use: "client-crl" }),
    ...{ lets: 204, refuses: 400 },
  },
  {
    ...{ name: "Apache SSLCARevocationFile", program: "apache2", install: "apache2-bin" },
    start: (plan) => startApache({ ...plan, use: "client-crl" }),
    ...{ lets: 204, refuses: 0 },
  },
  {
    ...{ name: "HAProxy crl-file", program: "haproxy", install: "haproxy" },
    start: startHaproxy,
    ...{ lets: 204, refuses: 0 },
  },
  {
    ...{ name: "stunnel CRLfile", program: "stunnel4", install: "stunnel4" },
    start: (plan) => startStunnel({ ...plan, backend: made?.site.places.publicPort ?? 0 }),
    ...{ lets: 200, refuses: 0 },
  },
];

describe.each(["ec", "rsa"])("the full CRL signed with %s", (name) => {
  for (const { name: server, program, install, start, lets, refuses } of SERVERS)
    needs(program, `apt-get install ${install}`)(`${server} keeps out whom it lists`, async () => {
      const { pki, leaves, fetch } = issuer(name);
      const { caCertificate } = pki;
      const plan = { leaf: leaves.good, caCertificate, crl: await fetch(".crl") };
      const running = await start(plan);
      await using(running, async () => {
        for (const fate of FATES) {
          const status = await httpStatusFor(running.port, caCertificate, leaves[fate]);
          expect([fate, status]).toEqual([fate, REVOKED.includes(fate) ? refuses : lets]);
        }
      });
    });

  for (const [program, define, option] of [
    ["curl", curl, ["-sS", "-o", "/dev/null", "--crlfile"]],
    ["wget", wget, ["-q", "-O", "/dev/null", "--crl-file"]],
  ] as const)
    define(`${program} ${option.at(-1)} takes no server that it lists`, async () => {
      const { pki, leaves, fetch } = issuer(name);
      const ca = program === "curl" ? "--cacert" : "--ca-certificate";
      const given = [...option, await fetch(".crl"), ca, pki.caCertificate];
      for (const fate of ["good", "before", "after"] as const) {
        const { certificate, key } = leaves[fate];
        const server = await startTlsServer("openssl", (port) => [
          ...["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-cert", certificate],
          ...["-key", key],
        ]);
        await using(server, async () => {
          const { code } = await run(program, [...given, `https://localhost:${server.port}/`]);
          expect([fate, code === 0]).toEqual([fate, !REVOKED.includes(fate)]);
        });
      }
    });
});
