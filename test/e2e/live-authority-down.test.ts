import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { element } from "../../src/der/writer.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { peekAnswer } from "../support/der-peek.ts";
import { caCertID } from "../support/live-request.ts";
import { postOcsp } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { authorityUnder } from "../support/processes.ts";
import { type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

let site: Site;
let pki: Pki;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 2 });
  site = await startSite({ issuers: [{ name: "gov-1", pki }] });
});

afterAll(async () => {
  await site?.close();
});

/** What an answer to a request with a nonce of its own came with. */
async function askWithNonce(): Promise<"echoed" | "left out"> {
  const nonce = element(0x04, randomBytes(32));
  const certID = caCertID(pki.caCertificate, pki.leaves[0]?.serialNumber ?? "", "sha256");
  const { status, body } = await postOcsp(site.daemon.url, encodeRequest([certID], nonce));
  const answer = peekAnswer(body);
  expect([status, answer.responseStatus]).toEqual([200, "successful"]);
  expect(answer.single).toMatchObject([{ certStatus: "good" }]);
  expect([undefined, nonce.toString("hex")]).toContain(answer.nonce);
  return answer.nonce === undefined ? "left out" : "echoed";
}

it("the authority is killed while it signs: every request is answered, and nonces come back with it", async () => {
  expect(await askWithNonce()).toBe("echoed");
  const told: string[] = [];
  let isAsking = true;
  const asking = (async () => {
    while (isAsking) {
      told.push(...(await Promise.all([askWithNonce(), askWithNonce(), askWithNonce()])));
      await sleep(30);
    }
  })();
  await sleep(200);
  process.kill(authorityUnder(site.daemon.pid) ?? 0, "SIGKILL");
  await until(() => told.includes("left out"), { what: "an answer without its nonce" });
  await until(() => told.slice(-6).every((one) => one === "echoed"), {
    what: "nonces again",
  });
  isAsking = false;
  await asking;
});

it("while it is away, what needs it gets tryLater, and a critical nonce is refused", async () => {
  const certIDs = ["sha1", "sha384"].map((hash) =>
    caCertID(pki.caCertificate, pki.leaves[1]?.serialNumber ?? "", hash as "sha1"),
  );
  const several = encodeRequest(certIDs, undefined);
  const says = async (): Promise<string> =>
    peekAnswer((await postOcsp(site.daemon.url, several)).body).responseStatus;
  expect(await says()).toBe("successful");
  process.kill(authorityUnder(site.daemon.pid) ?? 0, "SIGKILL");
  await until(async () => (await says()) === "tryLater", { what: "tryLater" });
  await until(async () => (await says()) === "successful", {
    what: "answers again",
  });
});

it("somebody who floods its socket with garbage keeps nobody from their answers", async () => {
  const hostile = Array.from({ length: 30 }, () => {
    const socket = connect(site.places.liveSign);
    socket.on("error", () => undefined);
    socket.on("connect", () => socket.write(randomBytes(100_000)));
    return socket;
  });
  const half = connect(site.places.liveSign);
  half.on("error", () => undefined);
  half.write(Buffer.from("000000", "hex"));
  for (let count = 0; count < 20; count++) expect(await askWithNonce()).toBe("echoed");
  await until(() => hostile.every(({ destroyed }) => destroyed), { what: "them to be cut off" });
  for (const socket of [...hostile, half]) socket.destroy();
});
