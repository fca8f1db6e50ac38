import { spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { CLIENT_CORE, onCore } from "../growth/pin.ts";
import type { FloodKind } from "./wire-request.ts";

/** What is asked, and how fast. */
export interface PacedPlan {
  readonly url: string;
  /** OCSPRequests in base64, as JSON. */
  readonly requestsFile: string;
  readonly kind: FloodKind;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** From so many addresses of this machine (127.0.0.0/8), in turn. */
  readonly addresses: number;
  /** For each address. */
  readonly connections: number;
}

/** What came of it; times are those of the answers. */
export interface PacedResult {
  readonly kind: FloodKind;
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  readonly tryLater: number;
  /** Answers with the nonce that was sent. */
  readonly nonces: number;
}

const LOWEST = 19;
const SCRIPT = fileURLToPath(new URL("paced.ts", import.meta.url));

/** Runs it in a process of its own, to its end. */
export async function runPaced(plan: PacedPlan): Promise<PacedResult> {
  const command = onCore(CLIENT_CORE, [process.execPath, SCRIPT, JSON.stringify(plan)]);
  const [program = "", ...args] = command;
  const client = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  // It is to keep the server busy, not the client beside it that measures.
  if (client.pid !== undefined) setPriority(client.pid, LOWEST);
  const ended = once(client, "exit");
  const output = await text(client.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`the client ended with ${code}`);
  return JSON.parse(output) as PacedResult;
}
