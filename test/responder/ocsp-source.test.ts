import { readFileSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { OcspSource } from "../../src/responder/ocsp-source.ts";
import { LOOK_MS, Served } from "../../src/responder/served.ts";
import { certID } from "../authority/live/asking.ts";
import { type Office, openOffice } from "../authority/office.ts";

let office: Office;

beforeEach(async () => {
  office = await openOffice({ ocsp: { unissued: "unauthorized" } });
});

afterEach(async () => {
  vi.useRealTimers();
  await office.close();
});

it("answers by what the authority says now, although the process was kept from looking", async () => {
  const { store } = office.desk;
  const served = new Served(store, "");
  const source = new OcspSource(store, served);
  const asked = encodeRequest([certID(office, "abcdef")], undefined);
  const find = (): unknown => source.find(asked, 0, asked.length, office.clock());
  vi.useFakeTimers({ toFake: ["performance"] });
  served.refresh();
  expect(find()).toBe("unknownCertificate");
  const { file } = office.config;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace("unissued: unauthorized", "unissued: unknown"),
  );
  await office.reload();
  // Time passes, and no timer has run: requests are there first.
  vi.advanceTimersByTime(LOOK_MS);
  await nextTurn();
  expect(find()).toBe("notPresigned");
});
