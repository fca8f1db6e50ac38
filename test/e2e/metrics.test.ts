import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request } from "../support/http-client.ts";
import { ocspPath, ocspRequest, postOcsp, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { type Exposition, parsePrometheus, total } from "../support/prometheus-text.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

const NAMES = {
  vouch_ocsp_requests_total: "counter",
  vouch_ocsp_request_seconds: "histogram",
  vouch_ocsp_answers_signed_total: "counter",
  vouch_proof_failures_total: "counter",
  vouch_sweep_position: "gauge",
  vouch_oldest_answer_age_seconds: "gauge",
  vouch_earliest_next_update_timestamp_seconds: "gauge",
  vouch_records: "gauge",
  vouch_crl_number: "gauge",
  vouch_crl_next_update_timestamp_seconds: "gauge",
  vouch_signatures_needed_per_second: "gauge",
  vouch_signatures_possible_per_second: "gauge",
  vouch_signer_not_after_timestamp_seconds: "gauge",
  vouch_revoke_visible_seconds: "histogram",
  vouch_store_bytes: "gauge",
  vouch_store_readers: "gauge",
  vouch_store_oldest_reader_txns: "gauge",
};

let site: Site;
let pki: Pki;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 4 });
  site = await startSite({ issuers: [{ name: "gov-1", pki }], more: { responders: 2 } });
});

afterAll(async () => {
  await site?.close();
});

async function metrics(): Promise<Exposition> {
  const { status, headers, body } = await request(`${site.daemon.opsUrl}/metrics`);
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^text\/plain|^application\/openmetrics-text/);
  return parsePrometheus(body.toString());
}

/** Asks for the metric until it is at least this: processes may report with a delay. */
function untilTotal(
  name: string,
  labels: Record<string, string>,
  least: number,
): Promise<Exposition> {
  return until(
    async () => {
      const read = await metrics();
      if (total(read, name, labels) >= least) return read;
      throw new Error(`it is ${total(read, name, labels)}`);
    },
    { what: `${name}${JSON.stringify(labels)} to be ${least}`, every: 200 },
  );
}

describe("/metrics", () => {
  it("has every metric, with its type and a help text", async () => {
    const { types, helps } = await metrics();
    for (const [name, type] of Object.entries(NAMES)) {
      const given = types.get(name);
      expect([name, given === "summary" ? "histogram" : given]).toEqual([name, type]);
      expect([name, helps.has(name)]).toEqual([name, true]);
    }
    expect(types.has("process_resident_memory_bytes")).toBe(true);
  });

  it("counts OCSP requests by method and result, over all responders", async () => {
    const good = ocspRequest(pki, pki.leaves[0]?.serialNumber ?? "");
    const unissued = ocspRequest(pki, "0123456789abcdef");
    const before = await metrics();
    for (let count = 0; count < 20; count++) {
      await postOcsp(site.daemon.url, good);
      await request(`${site.daemon.url}${ocspPath(good)}`);
      await postOcsp(site.daemon.url, unissued);
      await postOcsp(site.daemon.url, Buffer.from("nonsense"));
    }
    for (const [method, result] of [
      ["POST", "good"],
      ["GET", "good"],
      ["POST", "unauthorized"],
      ["POST", "malformedRequest"],
    ] as const) {
      const wanted = total(before, "vouch_ocsp_requests_total", { method, result }) + 20;
      const after = await untilTotal("vouch_ocsp_requests_total", { method, result }, wanted);
      expect(total(after, "vouch_ocsp_requests_total", { method, result })).toBe(wanted);
    }
    const after = await metrics();
    expect(total(after, "vouch_ocsp_request_seconds_count")).toBeGreaterThanOrEqual(80);
  });

  it("counts records, signatures and revocations", async () => {
    const revoked = pki.leaves[1]?.serialNumber ?? "";
    const before = await untilTotal("vouch_records", { issuer: "gov-1", status: "good" }, 4);
    expect((await site.vouch(["revoke", "gov-1", revoked, "--reason", "superseded"])).code).toBe(0);
    await untilOcspSays(site.daemon.url, ocspRequest(pki, revoked), "revoked");
    const after = await untilTotal("vouch_records", { issuer: "gov-1", status: "revoked" }, 1);
    expect(total(after, "vouch_records", { issuer: "gov-1", status: "good" })).toBe(3);
    const signed = { issuer: "gov-1", kind: "presigned" };
    expect(total(after, "vouch_ocsp_answers_signed_total", signed)).toBeGreaterThan(
      total(before, "vouch_ocsp_answers_signed_total", signed),
    );
    await untilTotal("vouch_revoke_visible_seconds_count", {}, 1);
    await postOcsp(site.daemon.url, ocspRequest(pki, revoked));
    await untilTotal("vouch_ocsp_requests_total", { method: "POST", result: "revoked" }, 1);
    expect(total(await metrics(), "vouch_proof_failures_total")).toBe(0);
  });

  it("shows what alerts are on at 0 before it happens, or an alert would miss the first time", async () => {
    const { samples } = await metrics();
    for (const [name, labels] of [
      ["vouch_proof_failures_total", { issuer: "gov-1", fault: "signature" }],
      ["vouch_proof_failures_total", { issuer: "gov-1", fault: "crl" }],
      ["vouch_ocsp_live_missed_total", { reason: "authorityAway" }],
      ["vouch_connections_turned_away_total", { reason: "full" }],
    ] as const) {
      expect(samples).toContainEqual({ name, labels, value: 0 });
    }
  });

  it("tells the CRLNumber that `crl issue` printed, the signer's end and the store's size", async () => {
    const { json } = await site.vouch(["crl", "issue", "gov-1"], { json: true });
    const crl = { issuer: "gov-1", scope: "full" };
    const read = await untilTotal("vouch_crl_number", crl, Number(json.crlNumber));
    expect(total(read, "vouch_crl_number", crl)).toBe(Number(json.crlNumber));
    expect(total(read, "vouch_crl_next_update_timestamp_seconds", crl)).toBeCloseTo(
      Date.parse(json.nextUpdate) / 1000,
      0,
    );
    const signer = total(read, "vouch_signer_not_after_timestamp_seconds", { issuer: "gov-1" });
    expect(signer * 1000).toBeGreaterThan(Date.now());
    expect(total(read, "vouch_store_bytes")).toBeGreaterThan(0);
    expect(total(read, "vouch_store_readers")).toBeGreaterThanOrEqual(1);
    const age = total(read, "vouch_oldest_answer_age_seconds", { issuer: "gov-1" });
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(86_400);
    const next = total(read, "vouch_earliest_next_update_timestamp_seconds", { issuer: "gov-1" });
    expect(next * 1000).toBeGreaterThan(Date.now());
  });
});

describe("the operations listener", () => {
  it("/healthz says that the process lives", async () => {
    expect((await request(`${site.daemon.opsUrl}/healthz`)).status).toBe(200);
  });

  it("/readyz says which issuers are ready", async () => {
    const { status, headers, body } = await request(`${site.daemon.opsUrl}/readyz`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("application/json");
    expect(JSON.parse(body.toString())).toEqual({
      ready: true,
      issuers: [{ issuer: "gov-1", ready: true, reason: null }],
    });
  });

  it("is not to be had on the public address", async () => {
    for (const path of ["/metrics", "/healthz", "/readyz"]) {
      expect((await request(`${site.daemon.url}${path}`)).status).toBe(404);
    }
  });
});

describe("stats", () => {
  it("prints what the store holds", async () => {
    const { code, json } = await site.vouch(["stats"], { json: true });
    expect(code).toBe(0);
    expect(json.sequence).toBeGreaterThan(0);
    expect(json.issuers).toHaveLength(1);
    expect(json.issuers[0]).toMatchObject({
      issuer: "gov-1",
      records: { good: 3, revoked: 1, hold: 0, expired: 0 },
      unsigned: 0,
      signer: { serialNumber: "7e57" },
    });
  });
});
