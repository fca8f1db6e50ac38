import type { AnswerSize } from "./check-answer.ts";
import type { Program } from "./programs.ts";
import type { Question } from "./questions.ts";
import type { Way } from "./server.ts";

/** What is loaded, and how. */
export interface LoadTarget {
  readonly way: Way;
  readonly port: number;
  readonly questions: readonly Question[];
  /** The core that the load comes from. */
  readonly core: number;
  /** A folder for files of the generator. */
  readonly folder: string;
  /** The shortest right answer: what is shorter on average is an error. */
  readonly answer: AnswerSize;
}

/** What a run of load gave; all its requests were answered with 200 and no socket failed. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A generator of load: it rejects when a request fails. */
export interface LoadGenerator {
  readonly needs: readonly Program[];
  /** Loads for that many whole seconds. */
  run(target: LoadTarget, seconds: number): Promise<LoadResult>;
}

/** Connections, and so requests that wait at any time. */
export const CONNECTIONS = 32;

/** Headers besides Host and those of the body: what Go's and Java's clients send. */
export const CLIENT_HEADERS: Readonly<Record<string, string>> = {
  "User-Agent": "vouch-bench",
  Accept: "*/*",
};

/** Signatures by ECDSA differ by an octet or two, and Cache-Control by a digit. */
const TOLERANCE = 8;

/** Throws when answers were too short on average: OCSP errors have five octets and status 200. */
export function requireWholeAnswers(right: number, octets: number, requests: number): void {
  if (requests > 0 && octets / requests >= right - TOLERANCE) return;
  const mean = (octets / Math.max(requests, 1)).toFixed(0);
  throw new Error(`${requests} answers of ${mean} octets on average, where ${right} are right`);
}
