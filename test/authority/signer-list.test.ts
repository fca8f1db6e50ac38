import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listSigners } from "../../src/authority/signer-list.ts";
import { issueSigner, SOUND } from "../setup/planted.ts";
import { type Office, openOffice } from "./office.ts";

let office: Office;

beforeAll(async () => {
  office = await openOffice({
    issuers: (pki) => {
      const garbage = join(pki.folder, "garbage.pem");
      writeFileSync(garbage, "no certificate\n");
      const noCheck = SOUND.filter((line) => !line.startsWith("noCheck"));
      const open = issueSigner(pki, { extensions: noCheck });
      const signers = [open, { certificate: garbage, key: pki.signer.key }, pki.signer];
      return [{ name: "gov-1", ocsp: { signers } }];
    },
  });
});

afterAll(() => office?.close());

it("a configured signer that must not sign is listed, with what is wrong with it", () => {
  const { folder } = office.pki;
  // Some of its last day has passed, however soon this comes after its making.
  office.now = Math.floor(Date.now() / 1000) + 3_600;
  const [signs, lacking, unreadable, ...others] = listSigners(office.desk, office.issuer());
  expect(others).toEqual([]);
  expect(signs).toMatchObject({ serialNumber: "7e57", state: "signs", problem: null });
  expect(lacking).toMatchObject({
    state: "refused",
    serialNumber: expect.stringMatching(/^[0-9a-f]+$/),
    notAfter: expect.stringMatching(/Z$/),
    daysLeft: 364,
    key: null,
    problem: expect.stringContaining(
      `${join(folder, "planted.pem")}: it lacks id-pkix-ocsp-nocheck`,
    ),
  });
  expect(unreadable).toMatchObject({
    state: "refused",
    serialNumber: null,
    notAfter: null,
    daysLeft: null,
    problem: expect.stringContaining(`${join(folder, "garbage.pem")}: no certificate in it`),
  });
});
