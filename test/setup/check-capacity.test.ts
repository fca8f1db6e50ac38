import { afterAll, beforeAll, expect, it } from "vitest";
import { signaturesNeeded } from "../../src/authority/signing-load.ts";
import { checkSetup } from "../../src/setup/check.ts";
import { openStore } from "../../src/store/lmdb.ts";
import { writeSummary } from "../../src/store/summary.ts";
import { ocspRequest, ocspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { type Site, startSite } from "../support/site.ts";
import { found, issueSigner } from "./planted.ts";

let pki: Pki;
let site: Site;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec" });
  const next = issueSigner(pki, { days: [0, 365] });
  const signers = [pki.signer, { ...next, key: `${next.key}.missing` }];
  site = await startSite({ issuers: [{ name: "gov-1", pki, ocsp: { signers }, crl: false }] });
});

afterAll(() => site?.close());

it("what is needed: each record's answers within half of their life", () => {
  const needed = { hashes: ["sha1", "sha256"], validitySeconds: 86_400 } as const;
  expect(signaturesNeeded(1_000_000, needed)).toBeCloseTo(46.3, 1);
});

it("the signer that signs now, in place of a later one whose key fails: it is fast enough, or there is a warning with both figures", async () => {
  expect(await ocspSays(site.daemon.url, ocspRequest(pki, pki.leaves[0]?.serialNumber ?? ""))).toBe(
    "good",
  );
  await site.daemon.stop();
  const { warnings } = await checkSetup(site.places.config);
  expect(found(warnings, "signatures a second")).toBeUndefined();

  // As many as no P-256 key signs in twelve hours.
  const store = openStore(site.places.data);
  const many = { records: 2e9, answered: 2e9, earliestNextUpdate: null, oldestProducedAt: null };
  await store.transact((transaction) => writeSummary(transaction, { 1: many }));
  await store.close();
  const slow = found((await checkSetup(site.places.config)).warnings, "signatures a second");
  expect(slow?.where).toBe("issuer gov-1");
  expect(slow?.problem).toMatch(/take 92592\.6 signatures a second, and its key makes \d+\.\d/);
  expect(slow?.do).toContain("ocsp.validity");
});
