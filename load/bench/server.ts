import type { BenchPki } from "./pki.ts";
import type { Cores, Program } from "./programs.ts";
import type { Question } from "./questions.ts";

/** How requests come: over kept connections, by HTTP/2 without TLS, or on a new connection each. */
export type Protocol = "keep-alive" | "h2c" | "connection each";

/** One way of asking that is measured on its own. */
export interface Way {
  readonly method: "GET" | "POST";
  readonly protocol: Protocol;
}

/** What every server is started with. */
export interface Site {
  /** Each server makes its own folder or files in it. */
  readonly folder: string;
  readonly cores: Cores;
  readonly pki: BenchPki;
  /** The CA's register of all certificates. */
  readonly index: string;
  readonly questions: readonly Question[];
}

/** A server that answers. */
export interface RunningServer {
  /** The process that all its others are below. */
  readonly pid: number;
  /** The port of 127.0.0.1 for a protocol. */
  port(protocol: Protocol): number;
  stop(): Promise<void>;
}

/** A server that can be measured. */
export interface BenchServer {
  readonly name: string;
  /** Programs that it needs besides `taskset` and `openssl`. */
  readonly needs: readonly Program[];
  readonly ways: readonly Way[];
  /** It gives the answer to the first question, whatever is asked. */
  readonly fixedAnswer: boolean;
  /** Resolves when it answers, with every record in it. */
  start(site: Site): Promise<RunningServer>;
}

/** How a way is called in tables. */
export function wayName({ method, protocol }: Way): string {
  return protocol === "keep-alive" ? method : `${method}, ${protocol}`;
}
