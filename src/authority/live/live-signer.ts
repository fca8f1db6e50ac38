import { setTimeout as sleep } from "node:timers/promises";
import { type Logger, onceAMinute } from "../../observe/logger.ts";
import { metrics } from "../../observe/metrics.ts";
import type { LiveContent } from "../../ocsp/live-answer.ts";
import type { LiveReply, LiveSigned } from "../../ocsp/live-reply.ts";
import type { OCSPRequest } from "../../ocsp/request.ts";
import type { LiveResult, Signing } from "../../signing/jobs.ts";
import { liveRow } from "../../signing/live-rows.ts";
import { packPairs, unpackPairs } from "../../signing/packing.ts";
import type { Clock } from "../clock.ts";
import type { LiveFloor } from "./live-floor.ts";
import { type LivePlan, type LiveSources, planLive, type Wait, whoAnswers } from "./live-plan.ts";

/** What live signing works with. It has no way to a rule that changes a status. */
export interface LiveSigning {
  readonly sources: LiveSources;
  readonly signing: Pick<Signing, "live">;
  readonly floor: Pick<LiveFloor, "raise">;
  readonly clock: Clock;
  /** Whether the clock can be relied on now. */
  readonly maySign: () => boolean;
  readonly log: Logger;
}

interface Asked {
  readonly request: OCSPRequest;
  /** Milliseconds, as `performance.now` has them. */
  readonly at: number;
  readonly reply: (reply: LiveReply) => void;
}

type Planned = LivePlan & { readonly asked: Asked };

/** Answers in one task of a signing thread: some milliseconds of ECDSA, some tens of RSA. */
const MOST_ANSWERS = 16;
/** Responders do not wait longer. */
const DEADLINE_MS = 3_000;
/** Where the clock has to reach a time first, so long at most. */
const LONGEST_WAIT_SECONDS = 2;

/**
 * Signs answers that somebody asks for: what is asked while a thread signs goes to it together as its next
 * task. Each issuer has one task under way, so that a slow key keeps nobody else's waiting.
 */
export class LiveSigner {
  readonly #parts: LiveSigning;
  /** What waits for its task, by the issuer's number. */
  readonly #queues = new Map<number, Asked[]>();
  readonly #complain: (error: unknown) => void;

  constructor(parts: LiveSigning) {
    this.#parts = parts;
    this.#complain = onceAMinute((reason) => parts.log.error({ reason }, "live signing failed"));
  }

  /** The answer to a request, by what the store says when it is signed. Never rejects. */
  ask(request: OCSPRequest): Promise<LiveReply> {
    return new Promise((reply) => this.#enqueue({ request, at: performance.now(), reply }));
  }

  #enqueue(asked: Asked): void {
    const { sources, clock } = this.#parts;
    const answering = whoAnswers(sources, asked.request, clock());
    if (!answering) {
      asked.reply("unauthorized");
      return;
    }
    const { number } = answering.issuer;
    const queue = this.#queues.get(number);
    if (queue) {
      queue.push(asked);
      return;
    }
    this.#queues.set(number, [asked]);
    // In the next turn, together with what else this one brings.
    setImmediate(() => void this.#work(number));
  }

  async #work(number: number): Promise<void> {
    const queue = this.#queues.get(number) ?? [];
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST_ANSWERS);
      try {
        await this.#answer(batch);
      } catch (error) {
        this.#complain(error);
        for (const { reply } of batch) reply("tryLater");
      }
    }
    this.#queues.delete(number);
  }

  async #answer(batch: readonly Asked[]): Promise<void> {
    const planned: Planned[] = [];
    const now = this.#parts.clock();
    const oldest = performance.now() - DEADLINE_MS;
    for (const asked of batch) {
      const plan =
        asked.at < oldest || !this.#parts.maySign()
          ? "tryLater"
          : planLive(this.#parts.sources, asked.request, now);
      if (typeof plan === "string") asked.reply(plan);
      else if ("seconds" in plan) this.#later(asked, plan);
      else planned.push({ ...plan, asked });
    }
    // A request whose certificate was imported meanwhile may have become another issuer's.
    const byIssuer = Map.groupBy(planned, ({ issuer }) => issuer);
    await Promise.all([...byIssuer.values()].map((plans) => this.#sign(plans)));
  }

  #later(asked: Asked, { seconds }: Wait): void {
    if (seconds > LONGEST_WAIT_SECONDS) asked.reply("tryLater");
    else void sleep(seconds * 1000, undefined, { ref: false }).then(() => this.#enqueue(asked));
  }

  async #sign(plans: readonly Planned[]): Promise<void> {
    const [first] = plans;
    if (!first) return;
    const { issuer, signer } = first;
    const latest = Math.max(...plans.map(({ content }) => latestThisUpdate(content)));
    const [result] = await Promise.all([
      this.#parts.signing.live({
        keyFile: signer.keyFile,
        certificate: signer.certificate.der,
        issuer: issuer.parts,
        signer: signer.parts,
        rows: packPairs(plans.map(({ content }) => liveRow(content))),
      }),
      this.#parts.floor.raise(issuer.number, latest),
    ]);
    this.#deliver(plans, issuer.name, result);
  }

  #deliver(plans: readonly Planned[], issuer: string, result: LiveResult): void {
    for (const { row, fault } of result.faults) {
      metrics.proofFailures.inc({ issuer, fault });
      const serialNumber = plans[row]?.content.singles[0].certID.serialNumber;
      const serial = serialNumber && Buffer.from(serialNumber).toString("hex");
      this.#parts.log.error({ issuer, serialNumber: serial, fault }, "proof failed");
    }
    const answers = [...unpackPairs(result.answers)];
    for (const [i, { asked, content }] of plans.entries()) {
      const der = answers[i]?.value;
      asked.reply(der && der.length > 0 ? signed(content, der) : "tryLater");
    }
    const made = plans.length - result.faults.length;
    metrics.answersSigned.inc({ issuer, kind: "live" }, made);
  }
}

function latestThisUpdate({ singles }: LiveContent): number {
  return Math.max(...singles.map(({ record }) => record.thisUpdate));
}

function signed({ singles }: LiveContent, der: Buffer): LiveSigned {
  const isRevoked = singles.some(
    ({ knowledge, record }) => knowledge !== "unknown" && record.status !== "good",
  );
  const isUnknown = singles.some(({ knowledge }) => knowledge === "unknown");
  return {
    result: isRevoked ? "revoked" : isUnknown ? "unknown" : "good",
    thisUpdate: Math.min(...singles.map(({ record }) => record.thisUpdate)),
    nextUpdate: Math.min(...singles.map(({ record }) => record.nextUpdate)),
    versions: singles.map(({ record }) => record.version),
    der,
  };
}
