import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OIDS } from "../../src/der/oids.ts";
import { element, oid } from "../../src/der/writer.ts";
import type { LiveContent, LiveSingle } from "../../src/ocsp/live-answer.ts";
import { proveLiveAnswer } from "../../src/ocsp/live-proof.ts";
import type { Fault } from "../../src/ocsp/proof.ts";
import { readRequest } from "../../src/ocsp/request.ts";
import { encodeRequest } from "../../src/ocsp/request-encoder.ts";
import { readLiveAnswer } from "../../src/ocsp/response.ts";
import { run } from "../support/run-program.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { goldenSigner } from "./golden-signer.ts";
import { certIDOf, contentOf, expectedLive, madeLive } from "./live-content.ts";
import { goodRecord, revokedRecord, serial } from "./made-answer.ts";

const signers = [
  ["ECDSA", goldenSigner({ kind: "ec", by: "delegate" })],
  ["the CA's own key", goldenSigner({ kind: "ec", by: "direct" })],
  ["RSA", goldenSigner({ kind: "rsa", by: "delegate" })],
] as const;
const by = signers[0][1];
const foreign = goldenSigner({ kind: "rsa", by: "direct" });

const nonce = element(0x04, Buffer.alloc(32, 7));
const good: LiveSingle = {
  certID: certIDOf(by, "sha256", serial("4fff982709f9c2593c10e906bd482b01")),
  knowledge: "recorded",
  record: goodRecord(),
};
const revoked: LiveSingle = {
  ...good,
  certID: certIDOf(by, "sha384", serial("80")),
  record: revokedRecord(),
};
const hold: LiveSingle = {
  ...good,
  certID: certIDOf(by, "sha512", serial("81")),
  record: revokedRecord({ status: "hold", reason: 0 }),
};
const expired: LiveSingle = {
  ...good,
  certID: certIDOf(by, "sha1", serial("82")),
  record: goodRecord({ notAfter: Date.UTC(2026, 0, 1) / 1000 }),
};
const nothingKnown = goodRecord({ notAfter: undefined, version: 0 });
const unissued: LiveSingle = {
  certID: certIDOf(by, "sha1", serial("83")),
  knowledge: "unissued",
  record: { ...nothingKnown, status: "hold", revocationDate: 0 },
};
const unknown: LiveSingle = {
  certID: certIDOf(foreign, "sha1", serial("84")),
  knowledge: "unknown",
  record: nothingKnown,
};
const md5: LiveSingle = {
  ...unknown,
  certID: {
    hash: undefined,
    hashAlgorithm: oid("1.2.840.113549.2.5"),
    issuerNameHash: Buffer.alloc(16, 1),
    issuerKeyHash: Buffer.alloc(16, 2),
    serialNumber: serial("85"),
  },
};
const all = [good, revoked, hold, expired, unissued, unknown, md5];

function prove(made: LiveContent, meant: LiveContent = made): Fault | undefined {
  return proveLiveAnswer(madeLive(by, made), expectedLive(by, meant));
}

const PLANTED: readonly [string, Fault, LiveContent, LiveContent][] = [
  ["one too few", "size", contentOf([good]), contentOf([good, revoked])],
  ["one too many", "size", contentOf([good, revoked]), contentOf([good])],
  ["another order", "serialNumber", contentOf([revoked, good]), contentOf([good, revoked])],
  [
    "another status of the second",
    "certStatus",
    contentOf([good, { ...revoked, record: goodRecord() }]),
    contentOf([good, revoked]),
  ],
  [
    "good for unknown",
    "certStatus",
    contentOf([{ ...unknown, knowledge: "recorded" }]),
    contentOf([unknown]),
  ],
  [
    "unknown for good",
    "certStatus",
    contentOf([{ ...good, knowledge: "unknown" }]),
    contentOf([good]),
  ],
  ["no nonce", "size", contentOf([good]), contentOf([good], nonce)],
  ["a nonce that nobody sent", "size", contentOf([good], nonce), contentOf([good])],
  [
    "another nonce",
    "size",
    contentOf([good], element(0x04, Buffer.alloc(32, 8))),
    contentOf([good], nonce),
  ],
  [
    "extended-revoke left out",
    "certStatus",
    contentOf([{ ...unissued, knowledge: "recorded" }]),
    contentOf([unissued]),
  ],
  [
    "another producedAt",
    "time",
    contentOf([{ ...good, record: goodRecord({ producedAt: good.record.producedAt + 1 }) }]),
    contentOf([good]),
  ],
  [
    "another thisUpdate of the second",
    "time",
    contentOf([good, { ...hold, record: { ...hold.record, thisUpdate: 1 } }]),
    contentOf([good, hold]),
  ],
];

describe("a live answer", () => {
  it.each(signers)("of everything at once, signed by %s, passes its proof", (_, signer) => {
    const ours = all.map((single) =>
      single.certID.hash && single !== unknown
        ? { ...single, certID: certIDOf(signer, single.certID.hash, single.certID.serialNumber) }
        : single,
    );
    for (const asked of [undefined, nonce, Buffer.of(1, 2, 3)]) {
      const content = contentOf(ours, asked);
      const der = madeLive(signer, content);
      expect(proveLiveAnswer(der, expectedLive(signer, content))).toBeUndefined();
      const read = readLiveAnswer(der);
      expect(read.responses.map(({ certStatus }) => certStatus)).toEqual([
        ...["good", "revoked", "revoked", "good", "revoked", "unknown", "unknown"],
      ]);
      expect(read.extendedRevoke).toBe(true);
      expect(read.nonce && Buffer.from(read.nonce)).toEqual(asked);
    }
  });

  it.each(PLANTED)("with %s fails its proof: %s", (_, fault, made, meant) => {
    expect(prove(meant)).toBeUndefined();
    expect(prove(made, meant)).toBe(fault);
  });

  it("never says of another issuer's certificate that it is recorded", () => {
    expect(prove(contentOf([{ ...good, certID: unknown.certID }]))).toBe("hash");
    expect(prove(contentOf([{ ...good, certID: md5.certID }]))).toBe("hash");
    expect(prove(contentOf([{ ...unissued, certID: unknown.certID }]))).toBe("hash");
  });

  it("with any bit changed fails its proof", () => {
    const content = contentOf([good, unissued, unknown], nonce);
    const der = madeLive(signers[1][1], content);
    const expected = expectedLive(signers[1][1], {
      ...content,
      singles: content.singles,
    });
    for (let bit = 0; bit < der.length * 8; bit++) {
      der[bit >> 3] = (der[bit >> 3] as number) ^ (1 << (bit & 7));
      if (proveLiveAnswer(der, expected) === undefined) expect(`bit ${bit}`).toBe("found");
      der[bit >> 3] = (der[bit >> 3] as number) ^ (1 << (bit & 7));
    }
  });

  it("openssl verifies it, and reads the statuses, the nonce and extended-revoke", async () => {
    // With a CertID of another issuer in it, openssl takes no delegated signer at all.
    const { verified, text } = await opensslReads(contentOf(all.slice(0, 5), nonce));
    expect(verified).toBe(true);
    expect(text).toContain(`OCSP Nonce: \n            0420${"07".repeat(32)}`);
    expect(text).toMatch(/\n {8}(valid|Extended OCSP Status): /);
    expect(text).toContain("Revocation Time: Jan  1 00:00:00 1970 GMT");
    expect(text).toMatch(/OCSP Archive Cutoff/);
    const mixed = await opensslReads(contentOf(all));
    const statuses = [...mixed.text.matchAll(/Cert Status: (\w+)/g)].map(([, status]) => status);
    expect(statuses).toEqual([
      ...["good", "revoked", "revoked", "good", "revoked", "unknown", "unknown"],
    ]);
  });
});

async function opensslReads(content: LiveContent): Promise<{ verified: boolean; text: string }> {
  const folder = tempFolder();
  const file = join(folder, "answer.der");
  writeFileSync(file, madeLive(by, content));
  const asked = ["-CAfile", by.caCertificate, "-respin", file, "-resp_text", "-no_nonce"];
  const { stdout, stderr } = await run("openssl", ["ocsp", ...asked]);
  removeFolder(folder);
  return { verified: stderr.includes("Response verify OK"), text: stdout };
}

describe("the request that live signing is asked with", () => {
  it("is read as what it was made from", () => {
    const anyHash = fc.constantFrom("sha1", "sha256", "sha384", "sha512" as const);
    const anySerial = fc.integer({ min: 1, max: 0xffff_ffff }).map((n) => serial(n.toString(16)));
    const anyCertID = fc
      .tuple(anyHash, fc.constantFrom(by, foreign), anySerial)
      .map(([hash, signer, number]) => certIDOf(signer, hash, number));
    const anyNonce = fc.option(
      fc.uint8Array({ minLength: 1, maxLength: 128 }).map((octets) => element(0x04, octets)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.array(anyCertID, { minLength: 1, maxLength: 20 }),
        anyNonce,
        (certIDs, asked) => {
          const request = readRequest(encodeRequest(certIDs, asked));
          if (request instanceof Error) throw request;
          expect(hexed(request.certIDs)).toEqual(hexed(certIDs));
          expect(hexed(request.nonce?.extnValue)).toEqual(hexed(asked));
        },
      ),
    );
  });

  it("keeps the algorithm of a CertID that is not known", () => {
    const request = readRequest(encodeRequest([md5.certID], undefined));
    if (request instanceof Error) throw request;
    expect(hexed(request.certIDs)).toEqual(hexed([md5.certID]));
    expect(OIDS.sha1).not.toEqual(request.certIDs[0].hashAlgorithm);
  });
});

function hexed(value: unknown): unknown {
  const text = JSON.stringify(value, (_, part) =>
    part instanceof Uint8Array ? Buffer.from(part).toString("hex") : part,
  );
  return text === undefined
    ? undefined
    : JSON.parse(
        text.replaceAll(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, octets) =>
          JSON.stringify(
            Buffer.from(octets === "" ? [] : octets.split(",").map(Number)).toString("hex"),
          ),
        ),
      );
}
