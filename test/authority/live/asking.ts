import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { HASHES, type HashName } from "../../../src/ocsp/hash.ts";
import { encodeFrame, FrameReader, LONGEST_REPLY } from "../../../src/ocsp/live-frame.ts";
import { decodeReply, type LiveReply } from "../../../src/ocsp/live-reply.ts";
import type { CertID } from "../../../src/ocsp/request.ts";
import { encodeRequest } from "../../../src/ocsp/request-encoder.ts";
import { type Office, serial } from "../office.ts";

/** A connection to a live-sign socket, as a responder has it. */
export class Asking {
  readonly socket: Socket;
  readonly #reader = new FrameReader(LONGEST_REPLY);
  readonly #waiting = new Map<number, (reply: LiveReply) => void>();
  #ended = false;
  #lastId = 0;
  /** Replies that came. */
  replies = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#ended = true;
    });
    socket.on("data", (chunk: Buffer) => {
      for (const { id, payload } of this.#reader.read(chunk) ?? []) {
        const reply = decodeReply(payload);
        this.replies++;
        if (reply) this.#waiting.get(id)?.(reply);
      }
    });
  }

  static async open(path: string): Promise<Asking> {
    const socket = connect(path);
    await once(socket, "connect");
    return new Asking(socket);
  }

  ask(certIDs: readonly CertID[], nonce?: Uint8Array): Promise<LiveReply> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.write(encodeFrame(id, encodeRequest(certIDs, nonce)));
    });
  }

  /** Whether the other side has ended it, in this time. */
  async isCutOff(milliseconds: number): Promise<boolean> {
    const before = performance.now() + milliseconds;
    while (!this.#ended && performance.now() < before) await sleep(20);
    return this.#ended;
  }
}

/** The CertID of a certificate of the office's issuer. */
export function certID(
  office: Office,
  serialNumber: string,
  { hash = "sha256", issuer = "gov-1" }: { hash?: HashName; issuer?: string } = {},
): CertID {
  const { parts } = office.issuer(issuer);
  return {
    hash,
    hashAlgorithm: HASHES[hash].oid,
    issuerNameHash: parts.nameHash[hash],
    issuerKeyHash: parts.keyHash[hash],
    serialNumber: serial(serialNumber),
  };
}
