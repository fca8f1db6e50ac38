import { setTimeout as sleep } from "node:timers/promises";
import type { UnixSeconds } from "../../der/time.ts";
import { type Logger, onceAMinute } from "../../observe/logger.ts";
import { metrics } from "../../observe/metrics.ts";
import type { LiveContent } from "../../ocsp/live-answer.ts";
import type { LiveReply, LiveSigned } from "../../ocsp/live-reply.ts";
import type { OCSPRequest } from "../../ocsp/request.ts";
import type { LiveResult, Signing } from "../../signing/jobs.ts";
import { liveRow } from "../../signing/live-rows.ts";
import { packPairs, unpackPairs } from "../../signing/packing.ts";
import type { Clock } from "../clock.ts";
import type { Issuer } from "../issuer.ts";
import type { LiveFloor } from "./live-floor.ts";
import { issuerToAsk, type LivePlan, type LiveSources, planLive, type Wait } from "./live-plan.ts";

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
/** Responders do not wait longer; what its signer has not signed by then is not waited for here either. */
const DEADLINE_MS = 2_500;
/** Requests of one issuer that are not answered: a responder has 128 under way, and others' are to find room. */
const MOST_OPEN = 96;
/** And so many while its signer takes longer than this for a task. */
const MOST_OPEN_SLOW = 16;
const SLOW_MS = 1_000;
/** Where the clock has to reach a time first, so long at most. */
const LONGEST_WAIT_SECONDS = 2;

/** What one issuer has to answer. */
interface Line {
  /** Waits for its task. */
  readonly waiting: Asked[];
  /** Asked and not answered, whether it waits or is being signed. */
  open: number;
  /** When the task under way began, as `performance.now` has it; nothing between tasks. */
  taskBegan: number | undefined;
  /** How many answers its next task takes: fewer, the slower its signer is. */
  taskAnswers: number;
}

/**
 * Signs answers that somebody asks for: what is asked while a thread signs goes to it together as its next
 * task. Each issuer has one task under way and a bounded line, so that a slow key keeps nobody else's waiting.
 */
export class LiveSigner {
  readonly #parts: LiveSigning;
  /** By the issuer's number. */
  readonly #lines = new Map<number, Line>();
  readonly #complain: (error: unknown) => void;

  constructor(parts: LiveSigning) {
    this.#parts = parts;
    this.#complain = onceAMinute((reason) => parts.log.error({ reason }, "live signing failed"));
  }

  /** The answer to a request, by what the store says when it is signed; in 2.5 s at most. Never rejects. */
  ask(request: OCSPRequest): Promise<LiveReply> {
    const { sources, clock } = this.#parts;
    const issuer = issuerToAsk(sources, request, clock());
    if (!issuer) return Promise.resolve("unauthorized");
    const line = this.#line(issuer.number);
    const now = performance.now();
    if (line.open >= (isSlow(line, now) ? MOST_OPEN_SLOW : MOST_OPEN)) {
      return Promise.resolve("tryLater");
    }
    line.open++;
    return new Promise((resolve) => {
      const deadline = setTimeout(() => reply("tryLater"), DEADLINE_MS);
      let isOver = false;
      const reply = (outcome: LiveReply): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(deadline);
        line.open--;
        resolve(outcome);
      };
      this.#enqueue(line, { request, at: now, reply });
    });
  }

  #line(issuer: number): Line {
    const known = this.#lines.get(issuer);
    if (known) return known;
    const made: Line = { waiting: [], open: 0, taskBegan: undefined, taskAnswers: MOST_ANSWERS };
    this.#lines.set(issuer, made);
    return made;
  }

  #enqueue(line: Line, asked: Asked): void {
    line.waiting.push(asked);
    // In the next turn, together with what else this one brings.
    if (line.waiting.length === 1 && line.taskBegan === undefined) {
      setImmediate(() => void this.#work(line));
    }
  }

  async #work(line: Line): Promise<void> {
    while (line.waiting.length > 0) {
      const batch = line.waiting.splice(0, line.taskAnswers);
      const began = performance.now();
      line.taskBegan = began;
      try {
        await this.#answer(line, batch);
      } catch (error) {
        this.#complain(error);
        for (const { reply } of batch) reply("tryLater");
      }
      const factor = performance.now() - began > SLOW_MS ? 0.5 : 2;
      line.taskAnswers = Math.max(1, Math.min(MOST_ANSWERS, line.taskAnswers * factor));
    }
    line.taskBegan = undefined;
  }

  async #answer(line: Line, batch: readonly Asked[]): Promise<void> {
    const planned: Planned[] = [];
    const now = this.#parts.clock();
    const oldest = performance.now() - DEADLINE_MS;
    for (const asked of batch) {
      const plan =
        asked.at < oldest || !this.#parts.maySign()
          ? "tryLater"
          : planLive(this.#parts.sources, asked.request, now);
      if (typeof plan === "string") asked.reply(plan);
      else if ("seconds" in plan) this.#later(line, asked, plan);
      else planned.push({ ...plan, asked });
    }
    // A request whose certificate was imported meanwhile may have become another issuer's.
    const byIssuer = Map.groupBy(planned, ({ issuer }) => issuer);
    await Promise.all([...byIssuer.values()].map((plans) => this.#sign(plans, now)));
  }

  #later(line: Line, asked: Asked, { seconds }: Wait): void {
    if (seconds > LONGEST_WAIT_SECONDS) asked.reply("tryLater");
    else
      void sleep(seconds * 1000, undefined, { ref: false }).then(() => this.#enqueue(line, asked));
  }

  async #sign(plans: readonly Planned[], now: UnixSeconds): Promise<void> {
    const [first] = plans;
    if (!first) return;
    const { issuer, signer } = first;
    const [result] = await Promise.all([
      this.#parts.signing.live({
        keyFile: signer.keyFile,
        certificate: signer.certificate.der,
        issuer: issuer.parts,
        signer: signer.parts,
        rows: packPairs(plans.map(({ content }) => liveRow(content))),
      }),
      this.#parts.floor.raise(issuer.number, floorAfter(plans, issuer, now)),
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

function isSlow({ taskBegan }: Line, now: number): boolean {
  return taskBegan !== undefined && now - taskBegan > SLOW_MS;
}

/**
 * What no later answer of the issuer may be earlier than. What the times of a record have made later than that they
 * make later again as long as it is kept, and imported CRLs may have one forgotten.
 */
function floorAfter(plans: readonly LivePlan[], { config }: Issuer, now: UnixSeconds): UnixSeconds {
  const latest = Math.max(...plans.map(({ content }) => latestThisUpdate(content)));
  return config.source === "crl" ? latest : Math.min(latest, now - config.ocsp.backdateSeconds);
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
