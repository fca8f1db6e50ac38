import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PeekedStatus, peekAnswer } from "./der-peek.ts";
import { type Answer, request } from "./http-client.ts";
import type { Pki } from "./openssl-pki.ts";
import { mustRun } from "./run-program.ts";
import { removeFolder, tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";

/** How a request is made. */
interface OcspAsking {
  readonly hash?: "sha1" | "sha256";
  readonly nonce?: boolean;
}

/** An OCSPRequest for a serial number, as `openssl ocsp -reqout` encodes it. */
export function ocspRequest(
  pki: Pick<Pki, "caCertificate">,
  serialNumber: string,
  { hash = "sha1", nonce = false }: OcspAsking = {},
): Buffer {
  const folder = tempFolder();
  const file = join(folder, "request.der");
  const asked = [`-${hash}`, "-serial", `0x${serialNumber}`, nonce ? "-nonce" : "-no_nonce"];
  mustRun("openssl", ["ocsp", "-issuer", pki.caCertificate, ...asked, "-reqout", file]);
  const der = readFileSync(file);
  removeFolder(folder);
  return der;
}

/** Sends a request by POST. */
export function postOcsp(url: string, der: Uint8Array): Promise<Answer> {
  return request(`${url}/ocsp`, {
    method: "POST",
    headers: { "content-type": "application/ocsp-request" },
    body: der,
  });
}

/** The path that asks by GET, as RFC 6960 A.1 has it. */
export function ocspPath(der: Uint8Array): string {
  return `/ocsp/${encodeURIComponent(Buffer.from(der).toString("base64"))}`;
}

/** What OCSP says to a request for one certificate: its certStatus, or the error's name. */
export async function ocspSays(url: string, der: Uint8Array): Promise<string> {
  const { responseStatus, single } = peekAnswer((await postOcsp(url, der)).body);
  return single[0]?.certStatus ?? responseStatus;
}

/** Asks until OCSP says this; rejects when it does not in `within` milliseconds. */
export async function untilOcspSays(
  url: string,
  der: Uint8Array,
  wanted: string,
  within?: number,
): Promise<void> {
  let says = "nothing";
  const ask = async (): Promise<boolean> => {
    says = await ocspSays(url, der);
    if (says === wanted) return true;
    throw new Error(`it says ${says}`);
  };
  await until(ask, { what: `OCSP to say ${wanted}`, within });
}

/** Waits until nonces are echoed: after a start, threads that sign live may take a while on a busy machine. */
export async function untilLive(
  url: string,
  pki: Pick<Pki, "caCertificate">,
  serialNumber: string,
): Promise<void> {
  const der = ocspRequest(pki, serialNumber, { nonce: true });
  const isEchoed = async (): Promise<boolean> =>
    peekAnswer((await postOcsp(url, der)).body).nonce !== undefined;
  await until(isEchoed, { what: "a live answer" });
}

/** The one SingleResponse of a successful answer. Throws when there is not exactly one. */
export function onlyStatus(body: Buffer): PeekedStatus {
  const { single, responseStatus } = peekAnswer(body);
  const [only, ...others] = single;
  if (only === undefined || others.length > 0) {
    throw new Error(`${responseStatus} with ${single.length} SingleResponses`);
  }
  return only;
}
