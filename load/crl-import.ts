import { sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CRLBuffer } from "../src/crl/crl-buffer.ts";
import { ForeignCRLReader } from "../src/crl/foreign-crl-reader.ts";
import type { SerialNumber } from "../src/x509/serial-number.ts";
import { makeSigningCA, type SigningCA } from "../test/crl/signing-ca.ts";
import { startDaemon } from "../test/support/daemon.ts";
import { descendants } from "../test/support/processes.ts";
import { prepareSite, type Site } from "../test/support/site.ts";
import { cpuSeconds } from "./site/process-cost.ts";

/*
 * Imports CRLs of growing size, made elsewhere: what reading one takes, and what `vouch import` takes until every
 * status is recorded and the CRL is handed on; a second CRL with a thousand more entries; and the memory of the
 * authority at its highest above what it had before.
 */

const { values } = parseArgs({
  options: { entries: { type: "string", default: "10000,100000,1000000" } },
});
const MORE = 1_000;
const PIECE_OCTETS = 65_536;

for (const entries of values.entries.split(",")) {
  process.stdout.write(`${JSON.stringify(await measure(Number(entries)))}\n`);
}

async function measure(entries: number): Promise<object> {
  const ca = makeSigningCA("ec");
  const crl = { signer: undefined };
  const site = await prepareSite({
    issuers: [{ name: "load", pki: ca.pki, more: { source: "crl" }, crl }],
  });
  const first = join(site.places.folder, "first.crl");
  const second = join(site.places.folder, "second.crl");
  writeFileSync(first, crlOf(ca, entries, 1n));
  writeFileSync(second, crlOf(ca, entries + MORE, 2n));
  const read = readSeconds(ca, readFileSync(first));
  const daemon = await startDaemon(site.places);
  const authority = processOf(daemon.pid, "authority");
  try {
    const whole = await imported(site, authority, first);
    const more = await imported(site, authority, second);
    return {
      entries,
      octets: readFileSync(first).length,
      "read s": read.toFixed(2),
      "import s": whole.seconds,
      "import CPU s": whole.cpu,
      "import MB": whole.memory,
      [`+${MORE} s`]: more.seconds,
      [`+${MORE} CPU s`]: more.cpu,
      [`+${MORE} MB`]: more.memory,
    };
  } finally {
    await daemon.stop();
    await site.close();
  }
}

type Import = Record<"seconds" | "cpu" | "memory", string>;

/** Imports one CRL, and what that took of the authority. */
async function imported(
  site: Pick<Site, "vouch">,
  authority: number,
  file: string,
): Promise<Import> {
  const [before, cpu, began] = [
    privateMemory(authority),
    cpuSeconds([authority]),
    performance.now(),
  ];
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, privateMemory(authority));
  }, 20);
  const done = await site.vouch(["import", "load", file], { timeout: 600_000 });
  clearInterval(looking);
  if (done.code !== 0) throw new Error(done.stderr);
  return {
    seconds: ((performance.now() - began) / 1000).toFixed(1),
    cpu: (cpuSeconds([authority]) - cpu).toFixed(1),
    memory: ((most - before) / 1024).toFixed(0),
  };
}

/** In kB; pages of the store, which other processes share, do not count. */
function privateMemory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/RssAnon:\s+(\d+)/.exec(text)?.[1]);
}

function processOf(pid: number, role: string): number {
  const found = descendants(pid).find((one) =>
    readFileSync(`/proc/${one}/cmdline`, "latin1").split("\0").includes(role),
  );
  if (found === undefined) throw new Error(`no ${role} below ${pid}`);
  return found;
}

/** Serial numbers of 16 octets, as CAs give them by chance; a reason for four of five. */
function crlOf(ca: SigningCA, count: number, crlNumber: bigint): Uint8Array {
  const thisUpdate = ca.fields.thisUpdate - 100 + Number(crlNumber);
  const buffer = new CRLBuffer({ ...ca.fields, crlNumber, thisUpdate }, count);
  for (let index = 0; index < count; index++) {
    const serialNumber = Buffer.alloc(16);
    serialNumber.writeUIntBE(0x10_00_00_00_00_00 + index * 7, 0, 6);
    serialNumber.writeUInt32BE(Math.imul(index, 2_654_435_761) >>> 0, 8);
    buffer.add({
      serialNumber: serialNumber as Uint8Array as SerialNumber,
      revocationDate: ca.fields.thisUpdate - 100 - index,
      reason: ([0, 1, 3, 4, 5] as const)[index % 5] ?? 0,
      invalidityDate: undefined,
    });
  }
  const tbs = buffer.tbsCertList();
  return buffer.certificateList(tbs, sign("sha256", tbs, ca.privateKey));
}

function readSeconds(ca: SigningCA, der: Buffer): number {
  const pem = readFileSync(ca.pki.caCertificate, "latin1");
  const issuer = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const began = performance.now();
  const reader = new ForeignCRLReader(issuer, () => undefined);
  for (let at = 0; at < der.length; at += PIECE_OCTETS)
    reader.push(der.subarray(at, at + PIECE_OCTETS));
  reader.end();
  return (performance.now() - began) / 1000;
}
