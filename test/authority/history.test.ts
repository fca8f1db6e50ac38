import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateStatus } from "../../src/authority/admin-types.ts";
import { Refused } from "../../src/authority/refused.ts";
import { certificateStatusAt } from "../../src/authority/status-then.ts";
import { rfc3339 } from "../../src/der/time.ts";
import { type Office, openOffice, row, serial, serials } from "./office.ts";

let office: Office;
const [a, between, b, c, d] = serials(5) as [string, string, string, string, string];
const IMPORTED = Date.UTC(2026, 5, 1) / 1000;
const DAY = 86_400;

beforeAll(async () => {
  office = await openOffice({ issuers: () => [{ name: "gov-1", more: { hold: true } }] });
  office.now = IMPORTED;
  await office.import([row(a), row(b), row(c)]);
});

afterAll(() => office.close());

const actions = (name: string): string[] => office.history(name).map(({ action }) => action);

describe("history", () => {
  it("is what the journal has, oldest first, whatever happened to others meanwhile", async () => {
    office.now = IMPORTED + DAY;
    const held = await office.hold([a]);
    await office.hold([c]);
    office.now += DAY;
    const released = await office.release([a]);
    office.now += DAY;
    const revoked = await office.revoke([a], "superseded");
    const history = office.history(a);
    expect(history.map(({ sequence }) => sequence).slice(1)).toEqual([
      held.sequence,
      released.sequence,
      revoked.sequence,
    ]);
    expect(history[0]).toEqual({
      sequence: expect.any(Number),
      at: rfc3339(IMPORTED),
      by: "test",
      action: "import",
      reason: null,
      request: null,
      agency: null,
    });
    expect(history[3]).toEqual({
      sequence: revoked.sequence,
      at: rfc3339(IMPORTED + 3 * DAY),
      by: "test",
      action: "revoke",
      reason: "superseded",
      request: "REF-1",
      agency: null,
    });
    expect(actions(a)).toEqual(["import", "hold", "release", "revoke"]);
  });

  it("of a certificate in the range of a batch, but not in it, begins with its own import", async () => {
    office.now = IMPORTED + 4 * DAY;
    await office.import([row(between)]);
    const history = office.history(between);
    expect(history.map(({ action, at }) => [action, at])).toEqual([
      ["import", rfc3339(office.now)],
    ]);
  });

  it("goes on past an import that only changed notAfter", async () => {
    const later = { notAfter: "2040-01-01T00:00:00Z" };
    await office.hold([b]);
    await office.release([b]);
    await office.import([row(between, later), row(b, later)]);
    expect(actions(b)).toEqual(["import", "hold", "release", "import"]);
    expect(actions(between)).toEqual(["import", "import"]);
    await office.revoke([b]);
    expect(actions(b)).toEqual(["import", "hold", "release", "import", "revoke"]);
  });

  it("of what was never imported is empty", () => {
    expect(office.history("abcdef")).toEqual([]);
  });
});

describe("status at a time", () => {
  const then = (name: string, at: number): CertificateStatus =>
    certificateStatusAt(office.desk, office.issuer(), serial(name), at);

  it("is what the certificate was then: good, on hold, good, revoked", () => {
    const days = [0, 1, 2, 3].map((day) => then(a, IMPORTED + day * DAY));
    expect(days.map(({ status, certStatus, reason }) => [status, certStatus, reason])).toEqual([
      ["good", "good", null],
      ["hold", "revoked", "certificateHold"],
      ["good", "good", null],
      ["revoked", "revoked", "superseded"],
    ]);
    expect(then(a, IMPORTED + DAY - 1).status).toBe("good");
    expect(days[1]?.revocationDate).toBe(rfc3339(IMPORTED + DAY));
    expect(days.every(({ answers }) => answers.length === 0)).toBe(true);
  });

  it("before the import is not recorded, and says since when it is", () => {
    const asked = (): unknown => then(a, IMPORTED - 1);
    expect(asked).toThrow(Refused);
    expect(asked).toThrow(`is not recorded: it is known here since ${rfc3339(IMPORTED)}`);
  });

  it("counts a revocation from its date, also when it was recorded later", async () => {
    office.now = IMPORTED + 10 * DAY;
    const back = row(d, {
      status: "revoked",
      reason: "keyCompromise",
      revocationDate: rfc3339(IMPORTED - 10 * DAY),
      invalidityDate: rfc3339(IMPORTED - 20 * DAY),
    });
    await office.import([back]);
    expect(then(d, IMPORTED - 5 * DAY)).toMatchObject({
      status: "revoked",
      reason: "keyCompromise",
      revocationDate: rfc3339(IMPORTED - 10 * DAY),
      invalidityDate: rfc3339(IMPORTED - 20 * DAY),
    });
    expect(() => then(d, IMPORTED - 11 * DAY)).toThrow(/not recorded/);
  });

  it("is not changed by an import that only tells when a certificate ends", async () => {
    const name = "200001";
    office.now = IMPORTED + 20 * DAY;
    const revoked = { status: "revoked", reason: "superseded", notAfter: null } as const;
    const since = rfc3339(IMPORTED + 15 * DAY);
    await office.import([row(name, { ...revoked, revocationDate: since })]);
    office.now += DAY;
    expect(await office.import([row(name, { claims: "issuance" })])).toMatchObject({ changed: 1 });
    expect(actions(name)).toEqual(["revoke", "import"]);
    expect(then(name, office.now)).toMatchObject({ status: "revoked", revocationDate: since });
  });

  it("after the certificate's expiry is expired, and unissued where it is not known", () => {
    expect(then(between, Date.UTC(2041, 0, 1) / 1000).status).toBe("expired");
    expect(then("abcdef", IMPORTED)).toMatchObject({ status: "unissued", certStatus: null });
  });
});
