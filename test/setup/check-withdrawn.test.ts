import { afterEach, expect, it } from "vitest";
import { readCertificateFile } from "../../src/authority/issuer-files.ts";
import { loadConfig } from "../../src/config/load.ts";
import { withdrawnSigners } from "../../src/setup/check-withdrawn.ts";
import { rehearse } from "../../src/setup/rehearsal.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { addWithdrawn, publicKeyName } from "../../src/store/withdrawn.ts";
import { found, type PlantedSetup, plantedSetup } from "./planted.ts";

let setup: PlantedSetup;
afterEach(() => setup.remove());

/** A set-up whose only signer was withdrawn. */
async function withdrawn(): Promise<PlantedSetup> {
  setup = await plantedSetup();
  const certificate = readCertificateFile(setup.pki.signer.certificate);
  const store = openStore(setup.places.data);
  await store.transact((transaction) =>
    addWithdrawn(transaction, {
      issuer: 1,
      serialNumber: "7e57",
      publicKey: publicKeyName(certificate),
      by: "an officer",
      at: "2026-11-25T08:00:00Z",
      isReplaced: false,
    }),
  );
  await store.close();
  return setup;
}

it("the only signer was withdrawn: nobody can sign", async () => {
  const { check, pki } = await withdrawn();
  const { ok, problems, warnings } = await check();
  expect(ok).toBe(false);
  expect(found(problems, "no OCSP signer can sign now")?.where).toBe("issuer gov-1");
  const told = found(warnings, "withdrawn on 2026-11-25T08:00:00Z by an officer");
  expect(told?.where).toBe(`issuer gov-1, signer ${pki.signer.certificate}`);
});

it("a withdrawn key is not to be used, says its rehearsal", async () => {
  const { pki, places } = await withdrawn();
  const loaded = await loadConfig(places.config);
  const issuer = loaded.ok ? loaded.config.issuers[0] : undefined;
  if (!issuer) throw new Error("no issuer");
  const signer = { ...pki.signer, withdrawn: await withdrawnSigners(places.data) };
  const { checks } = await rehearse(issuer, signer, Math.floor(Date.now() / 1000));
  expect(checks).toMatchObject([
    { check: "certificate", result: "failed", detail: expect.stringContaining("make a new key") },
  ]);
});
