/*
 * Makes the golden vectors: answers as they are served, named after what they say, and what no decoder of
 * ours may take. The same octets come out each time; `node test/vectors/golden/make.ts` writes them.
 */
import { type KeyObject, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { OIDS } from "../../../src/der/oids.ts";
import { contextTag, Tag } from "../../../src/der/reader.ts";
import { element, NULL, sequence } from "../../../src/der/writer.ts";
import { CRLReason, REVOCATION_REASONS } from "../../../src/x509/reason.ts";
import { type GoldenSigner, goldenSigner } from "../../ocsp/golden-signer.ts";
import * as made from "../../ocsp/hand-made-response.ts";
import { goodRecord, madeAnswer, type Planned, revokedRecord, serial } from "../../ocsp/made-answer.ts";
import { signDeterministically } from "./deterministic-ecdsa.ts";

const delegate = goldenSigner({ kind: "ec", by: "delegate" });
const direct = goldenSigner({ kind: "ec", by: "direct" });
const rsa = goldenSigner({ kind: "rsa", by: "delegate" });
const tenYears = goldenSigner({ kind: "ec", by: "direct", archive: 10 * 365 * 86_400 });
const expired = { notAfter: Date.UTC(2026, 0, 1) / 1000 };
const serialNumber = serial("4fff982709f9c2593c10e906bd482b01");

/** What each golden answer was made from. */
export const GOLDEN_ANSWERS: Readonly<Record<string, Planned>> = {
  "good.der": plan(delegate, {}),
  "good.sha256.der": plan(delegate, { hash: "sha256" }),
  "good.direct.der": plan(direct, {}),
  "good.rsa.der": plan(rsa, {}),
  "good.serial-1-octet.der": plan(direct, { serialNumber: serial("1") }),
  "good.serial-21-octets.der": plan(direct, { serialNumber: serial("ff".repeat(20)) }),
  "good.expired.archive-forever.der": plan(direct, { record: goodRecord(expired) }),
  "good.expired.archive-10y.der": plan(tenYears, { record: goodRecord(expired) }),
  ...Object.fromEntries(
    REVOCATION_REASONS.map((name) => {
      const record = revokedRecord({ reason: CRLReason[name] });
      return [`revoked.${kebab(name)}.der`, plan(direct, { record })];
    }),
  ),
  "revoked.certificate-hold.der": plan(direct, {
    record: revokedRecord({ status: "hold", reason: 0 }),
  }),
  "revoked.rsa.key-compromise.der": plan(rsa, { hash: "sha256", record: revokedRecord() }),
  "revoked.expired.key-compromise.der": plan(direct, { record: revokedRecord(expired) }),
};

function plan(by: GoldenSigner, changes: Partial<Planned>): Planned {
  return { by, hash: "sha1", serialNumber, record: goodRecord(), ...changes };
}

function kebab(name: string): string {
  const word = name.replace(/^([ac])A/, "$1a");
  return word.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

function signed(octets: Uint8Array, key: KeyObject): Uint8Array {
  return key.asymmetricKeyType === "ec"
    ? signDeterministically(octets, key)
    : sign("sha256", octets, key);
}

/** The golden answer of the table by hand, with anything exchanged; nobody signed it. */
function unlike(
  changes: Partial<made.HandMadeResponse>,
  single: Partial<made.HandMadeSingle> = {},
): Buffer {
  return made.ocspResponse({
    responderID: made.explicit(2, made.octetString(direct.signer.keyHash)),
    producedAt: "20261201000500Z",
    responses: [like(single)],
    signatureAlgorithm: made.ECDSA,
    signature: Buffer.from("3006020101020101", "hex"),
    ...changes,
  });
}

function like(changes: Partial<made.HandMadeSingle>): Buffer {
  return made.singleResponse({
    hashAlgorithm: made.SHA1,
    issuerNameHash: direct.issuer.nameHash.sha1,
    issuerKeyHash: direct.issuer.keyHash.sha1,
    serialNumber,
    certStatus: made.GOOD,
    thisUpdate: "20261201000000Z",
    nextUpdate: "20261201235959Z",
    ...changes,
  });
}

const good = unlike({});
const cutoff = made.time("20200101000000Z");
const nonce: [Uint8Array, Uint8Array] = [OIDS.ocspNonce, made.octetString(Buffer.alloc(16, 1))];
const noName = sequence();
const when = "20261101020304Z";
const badReason = made.explicit(0, element(Tag.enumerated, Buffer.of(1)));

/** What must not be read, by what is wrong with it. Each is right but for that. */
const BAD: Readonly<Record<string, Uint8Array>> = {
  empty: Buffer.alloc(0),
  "trailing-data": Buffer.concat([good, Buffer.of(0)]),
  truncated: good.subarray(0, -1),
  "indefinite-length": Buffer.concat([Buffer.of(0x30, 0x80), contentOf(good), Buffer.alloc(2)]),
  "try-later": Buffer.of(0x30, 3, 0x0a, 1, 3),
  "try-later-with-an-answer": unlike({ responseStatus: 3 }),
  "successful-without-an-answer": Buffer.of(0x30, 3, 0x0a, 1, 0),
  "another-response-type": unlike({ responseType: OIDS.ocspNonce }),
  "version-1-explicit": unlike({ version: made.explicit(0, Buffer.of(2, 1, 0)) }),
  "by-name": unlike({ responderID: made.explicit(1, noName) }),
  "key-hash-and-more": unlike({
    responderID: made.explicit(2, made.octetString(direct.signer.keyHash), NULL),
  }),
  "no-answer": unlike({ responses: [] }),
  "two-answers": unlike({ responses: [like({}), like({ serialNumber: Buffer.of(1) })] }),
  "response-extension": unlike({ extensions: made.extensions(1, nonce) }),
  "empty-response-extensions": unlike({ extensions: made.explicit(1, sequence()) }),
  "no-next-update": unlike({}, { nextUpdate: undefined }),
  "fraction-of-a-second": unlike({}, { thisUpdate: "20261201000000.5Z" }),
  "local-time": unlike({ producedAt: "20261201000500" }),
  "february-30": unlike({}, { nextUpdate: "20270230000000Z" }),
  "needless-serial-octet": unlike({}, { serialNumber: Buffer.of(0, 1) }),
  "empty-serial": unlike({}, { serialNumber: Buffer.alloc(0) }),
  "good-with-content": unlike({}, { certStatus: Buffer.of(0x80, 1, 0) }),
  "constructed-good": unlike({}, { certStatus: Buffer.of(0xa0, 0) }),
  "fourth-cert-status": unlike({}, { certStatus: Buffer.of(0x83, 0) }),
  "revoked-never": unlike({}, { certStatus: made.explicit(1) }),
  "revoked-twice-reasoned": unlike(
    {},
    { certStatus: made.explicit(1, made.time(when), badReason, badReason) },
  ),
  "reason-as-integer": unlike(
    {},
    { certStatus: made.explicit(1, made.time(when), made.explicit(0, Buffer.of(2, 1, 1))) },
  ),
  "another-single-extension": unlike({}, { extensions: made.extensions(1, nonce) }),
  "archive-cutoff-and-more": unlike(
    {},
    { extensions: made.extensions(1, [OIDS.ocspArchiveCutoff, cutoff], nonce) },
  ),
  "critical-archive-cutoff": unlike(
    {},
    {
      extensions: made.explicit(
        1,
        sequence(
          sequence(OIDS.ocspArchiveCutoff, Buffer.of(1, 1, 0xff), made.octetString(cutoff)),
        ),
      ),
    },
  ),
  "archive-cutoff-as-utc-time": unlike(
    {},
    {
      extensions: made.extensions(1, [
        OIDS.ocspArchiveCutoff,
        element(Tag.utcTime, Buffer.from("200101000000Z")),
      ]),
    },
  ),
  "signature-with-unused-bits": withUnusedBits(),
  "certs-empty-tag": unlike({ certs: element(contextTag(0)) }),
  "certs-and-more": unlike({ certs: Buffer.concat([made.explicit(0, sequence()), NULL]) }),
  "certs-of-no-certificate": unlike({ certs: made.explicit(0, sequence(NULL)) }),
};

function contentOf(der: Buffer): Buffer {
  return der.subarray(der[1] === 0x82 ? 4 : 3);
}

function withUnusedBits(): Buffer {
  const der = Buffer.from(good);
  der[der.lastIndexOf(Buffer.of(0x03, 0x09, 0x00)) + 2] = 7;
  return der;
}

/** Every golden vector: its file's name and its octets. */
export function goldenFiles(): Map<string, Uint8Array> {
  const answers = Object.entries(GOLDEN_ANSWERS).map(
    ([name, planned]) => [name, madeAnswer(planned, signed)] as const,
  );
  const bad = Object.entries(BAD).map(([name, der]) => [`bad.${name}.der`, der] as const);
  return new Map([...answers, ...bad]);
}

if (import.meta.main) {
  for (const [name, der] of goldenFiles()) writeFileSync(new URL(name, import.meta.url), der);
}
