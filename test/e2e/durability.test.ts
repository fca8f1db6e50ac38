import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { revokeByAdmin, statusByAdmin } from "../support/admin-client.ts";
import { ocspRequest, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { authorityUnder } from "../support/processes.ts";
import { goodCsv, type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

const REPETITIONS = 100;

const serialNumbers = Array.from({ length: REPETITIONS }, (_, number) =>
  (0xa0_0000 + number * 7).toString(16),
);

let site: Site;
let pki: Pki;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  site = await startSite({ issuers: [{ name: "gov-1", pki, crl: false }] });
  const csv = join(site.places.folder, "many.csv");
  writeFileSync(csv, goodCsv(serialNumbers));
  expect((await site.vouch(["import", "gov-1", csv, "--format", "csv"])).code).toBe(0);
});

afterAll(async () => {
  await site?.close();
});

/** Waits for an authority that is not the killed one and answers on the admin socket. */
async function replaced(killed: number, serialNumber: string): Promise<string> {
  await until(
    () => {
      const now = authorityUnder(site.daemon.pid);
      return now !== undefined && now !== killed;
    },
    { what: "a new authority", every: 10 },
  );
  const ask = (): Promise<string> =>
    statusByAdmin(site.places, "gov-1", serialNumber).then(({ status }) => status);
  return await until(ask, { what: "the new authority to answer", every: 10 });
}

it(`${REPETITIONS} times: what was acknowledged survives kill -9 of the authority`, async () => {
  const lost: string[] = [];
  for (const serialNumber of serialNumbers) {
    const authority = authorityUnder(site.daemon.pid);
    if (authority === undefined) throw new Error("no authority");
    const { changed } = await revokeByAdmin(site.places, "gov-1", serialNumber);
    expect(changed).toBe(1);
    await sleep(Math.random() * 20);
    process.kill(authority, "SIGKILL");
    if ((await replaced(authority, serialNumber)) !== "revoked") lost.push(serialNumber);
  }
  expect(lost).toEqual([]);
}, 1_200_000);

it("and at the end every one of them is revoked, in the store and in OCSP", async () => {
  for (const serialNumber of serialNumbers) {
    expect(await statusByAdmin(site.places, "gov-1", serialNumber)).toMatchObject({
      status: "revoked",
      reason: "keyCompromise",
    });
  }
  for (const serialNumber of serialNumbers.filter((_, index) => index % 10 === 0)) {
    await untilOcspSays(site.daemon.url, ocspRequest(pki, serialNumber), "revoked");
  }
});
