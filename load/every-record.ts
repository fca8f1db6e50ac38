// Asks a responder for every certificate of an OpenSSL index.txt, by SHA-1 and SHA-256 in turn, and prints
// what it answered and how much private memory the responders have then.
//
//   node load/every-record.ts http://127.0.0.1:8080/ CA.pem index.txt PID...
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { Tag } from "../src/der/reader.ts";
import { element, sequence } from "../src/der/writer.ts";
import { HASHES, type HashName } from "../src/ocsp/hash.ts";
import { keyHash, nameHash, readCertificate } from "../src/x509/certificate.ts";
import { pemBlocks } from "../src/x509/pem.ts";
import { parseSerialNumber } from "../src/x509/serial-number.ts";

const CONNECTIONS = 16;
const [url = "", issuerFile = "", indexFile = "", ...pids] = process.argv.slice(2);

const [block] = pemBlocks(readFileSync(issuerFile));
if (!block || !("der" in block)) throw new Error(`${issuerFile} has no certificate in PEM form`);
const issuer = readCertificate(block.der);
const certIDHeads = (["sha1", "sha256"] as const).map((hash: HashName) =>
  Buffer.concat([
    HASHES[hash].algorithmIdentifier,
    element(Tag.octetString, nameHash(issuer.subject, hash)),
    element(Tag.octetString, keyHash(issuer, hash)),
  ]),
);

const serials = readFileSync(indexFile, "utf8")
  .split("\n")
  .flatMap((line) => parseSerialNumber(line.split("\t")[3] ?? "") ?? []);

function ocspRequest(serial: Uint8Array, turn: number): Buffer {
  const certID = sequence(certIDHeads[turn % 2] as Buffer, element(Tag.integer, serial));
  return sequence(sequence(sequence(sequence(certID))));
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** responseStatus of the answer: 0 is successful. */
function ask(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/ocsp-request", "content-length": body.length };
    const asked = request(url, { method: "POST", agent, headers }, (response) => {
      let status = -1;
      response.on("data", (chunk: Buffer) => {
        if (status < 0) status = chunk[chunk.indexOf(Tag.enumerated) + 2] ?? -1;
      });
      response.on("end", () => resolve(status));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const counts = new Map<number, number>();
let next = 0;
const began = performance.now();
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    for (let i = next++; i < serials.length; i = next++) {
      const status = await ask(ocspRequest(serials[i] as Uint8Array, i));
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }),
);
const seconds = (performance.now() - began) / 1000;
agent.destroy();

const memory = pids.map((pid) => {
  const found = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return `${pid}: ${(Number(found?.[1]) / 1024).toFixed(1)} MB`;
});
process.stdout.write(
  `${serials.length} asked in ${seconds.toFixed(1)} s; by responseStatus ${JSON.stringify([...counts])}; RssAnon ${memory.join(", ")}\n`,
);
