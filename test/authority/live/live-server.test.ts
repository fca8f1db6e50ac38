import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LiveServer, startLiveServer } from "../../../src/authority/live/live-server.ts";
import { LiveSigner } from "../../../src/authority/live/live-signer.ts";
import { element } from "../../../src/der/writer.ts";
import { encodeFrame } from "../../../src/ocsp/live-frame.ts";
import type { LiveReply, LiveSigned } from "../../../src/ocsp/live-reply.ts";
import { encodeRequest } from "../../../src/ocsp/request-encoder.ts";
import { readLiveAnswer } from "../../../src/ocsp/response.ts";
import { makePki } from "../../support/openssl-pki.ts";
import { until } from "../../support/until.ts";
import { type Office, openOffice, row, serials } from "../office.ts";
import { Asking, certID } from "./asking.ts";

let office: Office;
let server: LiveServer;
let asking: Asking;

const path = (): string => join(office.folder, "live.sock");

async function listen(): Promise<void> {
  const { store, issuers, underWay, floor, clock, maySign, log } = office.desk;
  const sources = { store, issuers, underWay, floor: (issuer: number) => floor.of(issuer) };
  const signing = { live: office.live };
  const signer = new LiveSigner({ sources, signing, floor, clock, maySign, log });
  server = await startLiveServer(path(), signer, log);
  asking = await Asking.open(path());
}

async function open(options: Parameters<typeof openOffice>[0] = {}): Promise<void> {
  office = await openOffice(options);
  await office.import([row(a), row(b)]);
  await listen();
  // The threads that sign live have begun by then.
  await until(async () => typeof (await asking.ask([certID(office, a)])) !== "string", {
    what: "a live answer",
  });
}

async function close(): Promise<void> {
  server.close();
  await office.close();
}

function signed(reply: LiveReply): LiveSigned {
  if (typeof reply === "string") throw new Error(`no answer but ${reply}`);
  return reply;
}

const [a, b, never] = serials(3) as [string, string, string];
const nonce = element(0x04, Buffer.alloc(32, 7));

describe("the live-sign socket", () => {
  beforeEach(() => open());
  afterEach(close);

  it("is for its group alone", () => {
    expect(statSync(path()).mode & 0o777).toBe(0o660);
  });

  it("gives an answer with the nonce, and the version of the record that it is made from", async () => {
    const reply = signed(await asking.ask([certID(office, a)], nonce));
    const answer = readLiveAnswer(reply.der);
    expect(answer.nonce && Buffer.from(answer.nonce)).toEqual(nonce);
    expect(reply).toMatchObject({ result: "good", versions: [office.record(a).version] });
    const [single] = answer.responses;
    expect(single).toMatchObject({ thisUpdate: reply.thisUpdate, nextUpdate: reply.nextUpdate });
    expect(answer.producedAt - reply.thisUpdate).toBe(300);
    expect(reply.nextUpdate - reply.thisUpdate).toBe(86_399);
  });

  it("answers several CertIDs of every hash in their order, the unknown ones with unknown", async () => {
    const { changed } = await office.revoke([b]);
    expect(changed).toBe(1);
    const asked = [
      certID(office, never, { hash: "sha512" }),
      certID(office, a, { hash: "sha384" }),
      certID(office, b, { hash: "sha1" }),
      certID(office, a, { hash: "sha384" }),
    ];
    const reply = signed(await asking.ask(asked));
    const { responses, nonce: echoed } = readLiveAnswer(reply.der);
    expect(responses.map(({ certStatus }) => certStatus)).toEqual([
      ...["unknown", "good", "revoked", "good"],
    ]);
    expect(responses.map(({ issuerKeyHash }) => issuerKeyHash.length)).toEqual([64, 48, 20, 48]);
    expect(echoed).toBeUndefined();
    expect(reply.result).toBe("revoked");
  });

  it("refuses what no issuer of its own is named in, and what was never issued", async () => {
    const foreign = { ...certID(office, a), issuerKeyHash: Buffer.alloc(32) };
    expect(await asking.ask([foreign])).toBe("unauthorized");
    expect(await asking.ask([certID(office, never)], nonce)).toBe("unauthorized");
  });

  it("signs many at once in a few tasks, each with its own nonce", async () => {
    let tasks = 0;
    let writes = 0;
    office.beforeLive = async () => void tasks++;
    asking.socket.on("data", () => writes++);
    const askAll = async (): Promise<LiveReply[] | false> => {
      [tasks, writes] = [0, 0];
      const asked = Array.from({ length: 90 }, (_, i) =>
        asking.ask([certID(office, i % 2 === 0 ? a : b)], element(0x04, Buffer.alloc(16, i))),
      );
      const replies = await Promise.all(asked);
      return !replies.includes("tryLater") && replies;
    };
    // On a machine that is very busy some are told to come later.
    const replies = await until(askAll, { what: "90 answers in time" });
    const echoed = replies.map((reply) => readLiveAnswer(signed(reply).der).nonce?.at(-1));
    expect(echoed).toEqual(replies.map((_, i) => i));
    expect(tasks).toBeLessThan(50);
    expect(writes).toBeLessThan(100);
  });

  it("of an issuer whose key is slow few wait, and each is answered in time: others find room", async () => {
    const held = Promise.withResolvers<void>();
    office.beforeLive = () => held.promise;
    const first = asking.ask([certID(office, a)], nonce);
    await sleep(1_200);
    const replies = await Promise.all([
      first,
      ...Array.from({ length: 60 }, () => asking.ask([certID(office, a)], nonce)),
    ]);
    expect(replies.every((reply) => reply === "tryLater")).toBe(true);
    // Those who wait, and no more, are on their way to the key.
    let tasks = 0;
    office.beforeLive = async () => void tasks++;
    held.resolve();
    await until(async () => typeof (await asking.ask([certID(office, b)])) !== "string", {
      what: "the key to be asked again",
    });
    expect(tasks).toBeLessThan(20);
  });

  it("says tryLater while the clock is not relied on, and while the key is away", async () => {
    office.maySign = () => false;
    expect(await asking.ask([certID(office, a)])).toBe("tryLater");
    office.maySign = () => true;
    office.beforeLive = () => Promise.reject(new Error("the token is away"));
    expect(await asking.ask([certID(office, a)])).toBe("tryLater");
    expect(office.errors.join()).toMatch(/the token is away/);
    office.beforeLive = () => Promise.resolve();
    signed(await asking.ask([certID(office, a)]));
  });

  it("a slow key keeps no revocation waiting", async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    office.beforeLive = () => {
      begun.resolve();
      return held.promise;
    };
    const slow = asking.ask([certID(office, b)]);
    await begun.promise;
    expect(await office.revoke([a])).toMatchObject({ changed: 1, unsigned: [] });
    held.resolve();
    await slow;
  });
});

describe("the live-sign socket cuts off", () => {
  beforeEach(() => open());
  afterEach(close);

  it("a frame that claims to be too long, garbage, and what is no request, and serves others on", async () => {
    const others = await Asking.open(path());
    const head = Buffer.alloc(8);
    head.writeUInt32BE(10_241);
    for (const octets of [
      head,
      Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      encodeFrame(1, Buffer.from("no request")),
      encodeFrame(1, Buffer.alloc(0)),
      encodeFrame(1, Buffer.concat([encodeRequest([certID(office, a)], nonce), Buffer.of(0)])),
    ]) {
      const hostile = await Asking.open(path());
      hostile.socket.write(octets);
      expect(await hostile.isCutOff(60_000)).toBe(true);
      signed(await others.ask([certID(office, a)], nonce));
    }
  });

  it("who sends half a frame and waits", async () => {
    const slow = await Asking.open(path());
    slow.socket.write(encodeFrame(1, encodeRequest([certID(office, a)], nonce)).subarray(0, 20));
    expect(await slow.isCutOff(1_000)).toBe(false);
    signed(await asking.ask([certID(office, a)], nonce));
    expect(await slow.isCutOff(60_000)).toBe(true);
  });

  it("who asks without end and takes no reply; others are answered meanwhile, and little is kept", async () => {
    const flood = await Asking.open(path());
    flood.socket.pause();
    const frame = encodeFrame(1, encodeRequest([certID(office, a)], nonce));
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
    let accepted = 0;
    const write = (): void => {
      if (!flood.socket.writable) return;
      flood.socket.write(many, () => {
        accepted += many.length;
        write();
      });
    };
    write();
    const before = process.memoryUsage.rss();
    signed(await asking.ask([certID(office, b)], nonce));
    expect(await flood.isCutOff(60_000)).toBe(true);
    expect(accepted).toBeLessThan(20_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    signed(await asking.ask([certID(office, b)], nonce));
  });

  it("the 65th connection", async () => {
    const held = await Promise.all(Array.from({ length: 63 }, () => Asking.open(path())));
    const one = await Asking.open(path());
    expect(await one.isCutOff(60_000)).toBe(true);
    signed(await asking.ask([certID(office, a)]));
    for (const { socket } of held) socket.destroy();
    await until(
      async () => {
        const next = await Asking.open(path());
        const reply = await Promise.race([
          next.ask([certID(office, a)]),
          once(next.socket, "close"),
        ]);
        return !Array.isArray(reply) && typeof reply === "object";
      },
      { what: "a place" },
    );
  });
});

describe("what was never issued, by the issuer's policy", () => {
  afterEach(close);

  it("unknown: is unknown, alone and among others", async () => {
    await open({ ocsp: { unissued: "unknown" } });
    const reply = signed(await asking.ask([certID(office, never)], nonce));
    expect(reply).toMatchObject({ result: "unknown", versions: [0] });
    expect(readLiveAnswer(reply.der)).toMatchObject({
      responses: [{ certStatus: "unknown" }],
      extendedRevoke: false,
    });
  });

  it("revoked: is revoked since 1970 by the extended definition; a foreign one beside it is unknown", async () => {
    await open({ ocsp: { unissued: "revoked" } });
    const foreign = { ...certID(office, a), issuerKeyHash: Buffer.alloc(32) };
    const reply = signed(await asking.ask([certID(office, never), foreign]));
    expect(readLiveAnswer(reply.der)).toMatchObject({
      responses: [
        { certStatus: "revoked", reason: 6, revocationDate: 0 },
        { certStatus: "unknown" },
      ],
      extendedRevoke: true,
    });
    const known = signed(await asking.ask([certID(office, a)]));
    expect(readLiveAnswer(known.der).extendedRevoke).toBe(false);
  });

  it("revoked: beside one that is known it is unknown, in the order of the request", async () => {
    await open({ ocsp: { unissued: "revoked" } });
    const reply = signed(await asking.ask([certID(office, never), certID(office, a)], nonce));
    expect(reply).toMatchObject({ result: "unknown" });
    expect(readLiveAnswer(reply.der)).toMatchObject({
      responses: [{ certStatus: "unknown" }, { certStatus: "good" }],
      extendedRevoke: false,
    });
  });

  it("a certificate that expired longer ago than its status is kept is no such", async () => {
    await open({ ocsp: { unissued: "revoked", archive: "1y" } });
    await office.import([row(never, { notAfter: "2020-01-01T00:00:00Z" })]);
    const reply = signed(await asking.ask([certID(office, never), certID(office, a)]));
    expect(readLiveAnswer(reply.der)).toMatchObject({
      responses: [{ certStatus: "unknown" }, { certStatus: "good" }],
      extendedRevoke: false,
    });
  });
});

describe.each(["unknown", "revoked"])("unissued: %s", (unissued) => {
  afterEach(close);

  it("a certificate that expired longer ago than its status is kept is unauthorized, with a nonce, too", async () => {
    await open({ ocsp: { unissued, archive: "1y" } });
    await office.import([row(never, { notAfter: "2020-01-01T00:00:00Z" })]);
    const forgotten = certID(office, never);
    expect(await asking.ask([forgotten], nonce)).toBe("unauthorized");
    expect(await asking.ask([forgotten, forgotten])).toBe("unauthorized");
  });
});

describe("with two issuers", () => {
  afterEach(close);

  it("the issuer of the first certificate that is known answers; the other's are unknown", async () => {
    const other = makePki({ algorithm: "rsa", leaves: 0, name: "Another CA" });
    await open({
      issuers: () => [
        { name: "gov-1" },
        { name: "gov-2", pki: other, ocsp: { signers: [other.signer] } },
      ],
    });
    await office.import([row(never)], "gov-2");
    const theirs = certID(office, never, { issuer: "gov-2" });
    const ours = certID(office, a);
    const unissued = certID(office, never);
    const said = async (...asked: Parameters<Asking["ask"]>[0]): Promise<string[]> =>
      readLiveAnswer(signed(await asking.ask(asked)).der).responses.map((one) => one.certStatus);
    expect(await said(theirs, ours)).toEqual(["good", "unknown"]);
    expect(await said(ours, theirs)).toEqual(["good", "unknown"]);
    expect(await said(unissued, theirs)).toEqual(["unknown", "good"]);
    other.remove();
  });
});
