import { type KeyObject, X509Certificate } from "node:crypto";
import { assembleLiveResponse, assembleLiveTbs, type LiveContent } from "../ocsp/live-answer.ts";
import { type ExpectedLive, proveLiveAnswer } from "../ocsp/live-proof.ts";
import type { Fault } from "../ocsp/proof.ts";
import { type AnswerTemplate, answerTemplate } from "../ocsp/template.ts";
import type { LiveJob, LiveResult, RowFault } from "./jobs.ts";
import { type SigningKey, signingKey, signOctets } from "./keys.ts";
import { liveContent } from "./live-rows.ts";
import { type Pair, packPairs, unpackPairs } from "./packing.ts";
import { secondLook } from "./second-look.ts";

const NOTHING = Buffer.alloc(0);

/** What the answers of one signer are made and proved with. */
interface Tools {
  readonly key: SigningKey;
  /** Of the certificate that the answers name: that is the one relying parties verify with. */
  readonly publicKey: KeyObject;
  readonly template: AnswerTemplate;
}

/** Builds, signs and proves the answer of each row; one that fails its proof comes back empty, with its fault. */
export function signLive(job: LiveJob): LiveResult {
  const { key, publicKey, template } = toolsOf(job);
  const answers: Pair[] = [];
  const faults: RowFault[] = [];
  for (const row of unpackPairs(job.rows)) {
    const content = liveContent(row);
    const tbs = assembleLiveTbs(template, content);
    const der = assembleLiveResponse(template, tbs, signOctets(key, tbs));
    const expected = { ...content, issuer: job.issuer, signer: job.signer, publicKey };
    const fault = proveLiveAnswer(der, expected) ?? anotherFault(der, expected);
    if (fault) faults.push({ row: answers.length, fault });
    answers.push({ key: NOTHING, value: fault ? NOTHING : der });
  }
  return { answers: packPairs(answers), faults };
}

/** By all that they are made from. A task may be for one answer, and to make them takes as long as four do. */
const tools = new Map<string, Tools>();
const MOST_TOOLS = 100;

function toolsOf(job: LiveJob): Tools {
  const { issuer, signer } = job;
  const parts = [
    job.certificate,
    signer.certificate,
    issuer.nameHash.sha256,
    issuer.keyHash.sha256,
  ];
  const octets = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.length));
  const rest = [job.keyFile, signer.archive, issuer.notBefore];
  const name = [...rest, ...octets.map((part) => part.toString("latin1"))].join(" ");
  const known = tools.get(name);
  if (known) return known;
  const made = {
    key: signingKey(job),
    publicKey: new X509Certificate(signer.certificate).publicKey,
    template: answerTemplate(issuer, signer, "sha256"),
  };
  if (tools.size >= MOST_TOOLS) tools.clear();
  tools.set(name, made);
  return made;
}

/** Signers of which this thread has had a live answer looked at. */
const seenSigners = new Set<string>();

/** What pkijs finds in the first answer of each signer; it takes its first SingleResponse. */
function anotherFault(der: Buffer, expected: ExpectedLive): Fault | undefined {
  const { signer, singles } = expected;
  const name = `${signer.number} ${Buffer.from(signer.keyHash).toString("hex")}`;
  const lookAt = lookedAt(singles);
  if (!lookAt || seenSigners.has(name)) return undefined;
  const fault = secondLook(der, { ...expected, ...lookAt });
  if (!fault) seenSigners.add(name);
  return fault;
}

function lookedAt([{ certID, knowledge, record }]: LiveContent["singles"]) {
  const { hash, serialNumber } = certID;
  return hash && knowledge === "recorded" ? { hash, serialNumber, record } : undefined;
}
