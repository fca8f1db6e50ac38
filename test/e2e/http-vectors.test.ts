import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRequest } from "../../src/ocsp/request.ts";
import { serialNumberText } from "../../src/x509/serial-number.ts";
import {
  expectOcspError,
  startCapturedSite,
  vector,
  withConnection,
} from "../support/captured-site.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { LANES, type LaneAnswer } from "../support/lanes.ts";
import { onlyStatus, postOcsp } from "../support/ocsp-client.ts";
import type { RawConnection, RawResponse } from "../support/raw-http.ts";
import type { Site } from "../support/site.ts";
import { DER_OUTCOMES, HTTP_OUTCOMES, type HttpOutcome } from "../support/vector-expectations.ts";

interface Manifest {
  readonly der: readonly { file: string; expect: string }[];
  readonly http: readonly { file: string; expect: string }[];
}

const manifest: Manifest = JSON.parse(vector("synthetic/manifest.json").toString());
const plainHttp = manifest.http.filter(({ file }) => !/(20|47)-/.test(file));

let site: Site;
/** The answer for `base.der`, which every tolerated form of it must get too. */
let base: Buffer;

beforeAll(async () => {
  site = await startCapturedSite();
  base = (await postOcsp(site.daemon.url, vector("synthetic/http/base.der"))).body;
});

afterAll(async () => {
  await site?.close();
});

it("has an expectation for every vector", () => {
  const numbers = (files: readonly { file: string }[]): string[] =>
    files.map(({ file }) => /(\d+)-/.exec(file)?.[1] ?? file).sort();
  expect(numbers(manifest.der)).toEqual(Object.keys(DER_OUTCOMES).sort());
  expect(numbers(manifest.http)).toEqual([...Object.keys(HTTP_OUTCOMES), "20", "47"].sort());
});

describe.each(Object.keys(LANES))("requests at the edges, by POST through %s", (lane) => {
  const ask = LANES[lane] ?? LANES["h2c"];

  it.each(manifest.der)("$file: $expect", async ({ file }) => {
    const outcome = DER_OUTCOMES[file.slice(0, 3)];
    const der = vector(`synthetic/${file}`);
    const answer = await ask?.(site.places.publicPort, der);
    if (!answer) throw new Error(`no lane ${lane}`);
    if (outcome === 413) return expect(answer.status).toBe(413);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/ocsp-response");
    if (Array.isArray(outcome) || outcome === "good") return expectStatuses(answer, outcome, der);
    expect(peekAnswer(answer.body).responseStatus).toBe(outcome);
    expect(answer.body.length).toBe(5);
    return expect(answer.headers.get("cache-control")).toContain("no-store");
  });

  it("an answer to bad octets, and then a good one on the same daemon", async () => {
    const { body } = await postOcsp(site.daemon.url, vector("synthetic/001-base-sha1-null.der"));
    expect(onlyStatus(body).certStatus).toBe("good");
  });
});

/** One SingleResponse for each CertID, in their order and with their hashes; the nonce as it came, or none. */
function expectStatuses(
  { body, headers }: LaneAnswer,
  outcome: "good" | readonly string[],
  der: Buffer,
): void {
  const { single, nonce, extensions } = peekAnswer(body);
  expect(single.map(({ certStatus }) => certStatus)).toEqual([outcome].flat());
  const request = readRequest(der);
  if (request instanceof Error) throw request;
  expect(single).toMatchObject(
    request.certIDs.map(({ hashAlgorithm, serialNumber }) => ({
      hash: Buffer.from(hashAlgorithm.subarray(2)).toString("hex"),
      hashNull: true,
      serialNumber: serialNumberText(serialNumber),
    })),
  );
  const asked = request.nonce && Buffer.from(request.nonce.extnValue).toString("hex");
  expect(nonce).toBe(asked);
  expect(extensions).toBe(asked ? 1 : 0);
  expect(headers.get("cache-control")).toMatch(
    asked ? /^private, max-age=0/ : /^max-age=\d+, public/,
  );
}

describe("raw HTTP at the edges", () => {
  it.each(plainHttp)("$file: $expect", async ({ file }) => {
    const outcome = HTTP_OUTCOMES[file.slice(5, 7)] ?? { status: 0 };
    await withConnection(site, async (connection) => {
      connection.write(vector(`synthetic/${file}`));
      await expectResponses(connection, outcome);
      if (outcome.closes) expect(await connection.closed()).toBe("closed");
    });
  });

  it("20-get-invalid-b64: bad base64, and never cached", async () => {
    await withConnection(site, async (connection) => {
      connection.write(vector("synthetic/http/20-get-invalid-b64.http"));
      const response = await connection.next();
      expect(response.status).toBe(200);
      expectOcspError(response, "malformedRequest");
      expect(response.headers.get("cache-control")).toContain("no-store");
    });
  });

  it.each(["/M@@@", "/ocsp/@@@@", "/ocsp/%zz", "/ocsp/%"])(
    "bad base64 %s is malformedRequest",
    async (path) => {
      await withConnection(site, async (connection) => {
        connection.write(`GET ${path} HTTP/1.1\r\nHost: ocsp.test\r\n\r\n`);
        const response = await connection.next();
        expect(response.status).toBe(200);
        expectOcspError(response, "malformedRequest");
      });
    },
  );

  it("47-post-short-body-then-close: ends at once with the client", async () => {
    await withConnection(site, async (connection) => {
      connection.write(vector("synthetic/http/47-post-short-body-then-close.http"));
      connection.end();
      expect(await connection.closed(3_000)).toBe("closed");
    });
  });

  it("47-post-short-body, and then silence: closed within 20 s", async () => {
    await withConnection(site, async (connection) => {
      connection.write(vector("synthetic/http/47-post-short-body-then-close.http"));
      expect(await connection.closed(20_000)).toBe("closed");
    });
  });
});

async function expectResponses(connection: RawConnection, outcome: HttpOutcome): Promise<void> {
  if (outcome.continues) expect((await connection.next()).status).toBe(100);
  for (let count = outcome.times ?? 1; count > 0; count--) {
    const response = await connection.next(outcome.head ? "HEAD" : "GET");
    expect(response.status).toBe(outcome.status);
    expect(response.headers.has("content-encoding")).toBe(false);
    if (response.status < 400) expect(response.headers.has("transfer-encoding")).toBe(false);
    expectBody(response, outcome);
    expectHeaders(response, outcome);
  }
}

function expectBody(response: RawResponse, outcome: HttpOutcome): void {
  if (outcome.ocsp === "good") expect(response.body.equals(base)).toBe(true);
  if (outcome.ocsp !== "malformedRequest") return;
  expectOcspError(response, "malformedRequest");
  expect(response.headers.get("cache-control")).toContain("no-store");
}

function expectHeaders({ headers }: RawResponse, outcome: HttpOutcome): void {
  if (outcome.allow !== undefined) {
    expect(
      headers
        .get("allow")
        ?.split(/\s*,\s*/)
        .sort(),
    ).toEqual(outcome.allow);
  }
  if (outcome.head) expect(headers.get("content-length")).toBe(String(base.length));
}
