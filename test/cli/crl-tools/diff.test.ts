import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { vouch } from "../../support/vouch-cli.ts";
import { KEY_ID, numbered, type OpensslCRLs, opensslCRLs } from "./openssl-crls.ts";

let ca: OpensslCRLs;
let before: string;
let after: string;

beforeAll(() => {
  ca = opensslCRLs("A CA");
  ca.revoke(0, "superseded");
  ca.revoke(3, "certificateHold");
  before = ca.issue("before.crl", [KEY_ID, numbered(7)]);
  // openssl lists by its index: leaf 1's serial number comes before and leaf 4's after the others'.
  ca.revoke(1, "keyCompromise");
  ca.revoke(4, "affiliationChanged");
  after = ca.issue("after.crl", [KEY_ID, numbered(8), "issuerAltName = URI:http://a.example"]);
});

afterAll(() => ca?.pki.remove());

const serialOf = (leaf: number): string | undefined => ca.pki.leaves[leaf]?.serialNumber;

describe("vouch crl diff", () => {
  it("tells what was added, with its reason and date, and what else differs", async () => {
    const { code, json, stderr } = await vouch(["crl", "diff", before, after], { json: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const date = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const rest = { revocationDate: date, invalidityDate: null };
    const added = [
      { serialNumber: serialOf(1), reason: "keyCompromise", ...rest },
      { serialNumber: serialOf(4), reason: "affiliationChanged", ...rest },
    ];
    expect(json.added).toHaveLength(2);
    expect(json.added).toEqual(expect.arrayContaining(added));
    expect(json).toMatchObject({ unchanged: 2, removed: [], changed: [] });
    expect(json.before).toMatchObject({ file: before, kind: "full", crlNumber: "7", entries: 2 });
    expect(json.after).toMatchObject({ file: after, kind: "full", crlNumber: "8", entries: 4 });
    const fields = Object.fromEntries(
      json.fields.map(({ field, before: was, after: is }: Record<string, unknown>) => [
        field,
        [was, is],
      ]),
    );
    expect(fields["cRLNumber"]).toEqual(["7", "8"]);
    expect(fields["issuerAltName"]).toEqual([null, ["URI:http://a.example"]]);
    expect(fields["issuer"]).toBeUndefined();
  });

  it("tells what was removed the other way round, from DER and from a URL", async () => {
    const octets = readFileSync(ca.asDER(before));
    const server = createServer((_, response) => response.end(octets)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.crl`;
    const { code, json } = await vouch(["crl", "diff", ca.asDER(after), url], { json: true });
    server.close();
    expect(code).toBe(0);
    const removed = json.removed.map((one: { serialNumber: string }) => one.serialNumber);
    expect(removed.sort()).toEqual([serialOf(1), serialOf(4)].sort());
    expect(json).toMatchObject({ unchanged: 2, added: [], changed: [] });
  });

  it("tells what changed", async () => {
    const other = opensslCRLs("Another CA");
    other.revoke(0, "certificateHold");
    const held = other.issue("held.crl", [KEY_ID, numbered(1)]);
    const later = opensslCRLs("Another CA");
    later.revoke(0, "cessationOfOperation");
    const revoked = later.issue("revoked.crl", [KEY_ID, numbered(2)]);
    const { json } = await vouch(["crl", "diff", held, revoked], { json: true });
    expect(json).toMatchObject({ added: [], removed: [] });
    expect(json.changed).toMatchObject([
      {
        serialNumber: serialOf(0),
        before: { reason: "certificateHold" },
        after: { reason: "cessationOfOperation" },
      },
    ]);
    const { stdout } = await vouch(["crl", "diff", held, revoked]);
    expect(stdout).toMatch(/^~ 1ab23f reason certificateHold → cessationOfOperation/m);
    expect(stdout).toMatch(/^ {2}cRLNumber: 1 → 2$/m);
    expect(stdout).toMatch(/^0 added, 0 removed, 1 changed, 0 unchanged$/m);
    other.pki.remove();
    later.pki.remove();
  });

  it("says nothing of two that are the same", async () => {
    const { json } = await vouch(["crl", "diff", before, ca.asDER(before)], { json: true });
    expect(json).toMatchObject({ unchanged: 2, fields: [], added: [], removed: [], changed: [] });
  });

  it("refuses what is no CRL, and what cannot be had, in words", async () => {
    const cases: [string, RegExp][] = [
      [ca.pki.caCertificate, /ca\.pem is no CRL/],
      ["/nowhere.crl", /cannot read \/nowhere\.crl: ENOENT/],
      ["http://127.0.0.1:9/a.crl", /cannot get http:\/\/127\.0\.0\.1:9\/a\.crl/],
    ];
    for (const [file, says] of cases) {
      const { code, json } = await vouch(["crl", "diff", before, file], { json: true });
      expect(code).toBe(1);
      expect(json.error.code).toBe("badFile");
      expect(json.error.message).toMatch(says);
      expect(json.error.do).not.toBe("");
    }
  });
});
