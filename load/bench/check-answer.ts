import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DerReader, Tag } from "../../src/der/reader.ts";
import { type Answer, ask } from "./ask.ts";
import type { Question } from "./questions.ts";
import { type BenchServer, type RunningServer, type Site, type Way, wayName } from "./server.ts";

/** Octets of the shortest right answer. */
export interface AnswerSize {
  /** Status line and headers; 0 but for HTTP/1.1. */
  readonly head: number;
  readonly body: number;
}

/**
 * Asks about a good and a revoked certificate in one way, and has OpenSSL verify the answers.
 * Rejects when a server says anything but the right thing.
 */
export async function checkAnswers(
  site: Site,
  server: BenchServer,
  running: RunningServer,
  way: Way,
): Promise<AnswerSize> {
  const [first, ...others] = site.questions;
  const another = others.find(({ status }) => status !== first?.status);
  const asked = [first, server.fixedAnswer ? undefined : another];
  const sizes: AnswerSize[] = [];
  for (const question of asked) {
    if (!question) continue;
    const answer = await ask(running, way, question);
    const fault = httpFault(answer) ?? verificationFault(site, question, answer.body);
    if (fault) throw new Error(`${server.name} ${wayName(way)}: ${fault}`);
    sizes.push({ head: answer.headOctets, body: answer.body.length });
  }
  return {
    head: Math.min(...sizes.map(({ head }) => head)),
    body: Math.min(...sizes.map(({ body }) => body)),
  };
}

function httpFault({ status, contentLength, body }: Answer): string | undefined {
  if (status !== 200) return `answers with status ${status}`;
  if (contentLength !== undefined && Number(contentLength) !== body.length) {
    return `Content-Length is ${contentLength}, the body has ${body.length} octets`;
  }
  try {
    const reader = new DerReader(body, "OCSPResponse");
    reader.element(Tag.sequence);
    reader.end();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function verificationFault(
  { folder, pki }: Site,
  { serialNumber, status }: Question,
  body: Buffer,
): string | undefined {
  const file = join(folder, "answer.der");
  writeFileSync(file, body);
  const trust = ["-issuer", pki.caCertificate, "-CAfile", pki.caCertificate];
  const which = ["-serial", `0x${serialNumber}`, "-no_nonce", "-respin", file];
  const { stdout, stderr } = spawnSync("openssl", ["ocsp", ...trust, ...which], {
    encoding: "utf8",
  });
  const said = stdout + stderr;
  const verified = said.includes("Response verify OK") && said.includes(`: ${status}`);
  return verified ? undefined : `openssl ocsp says: ${said}`;
}
