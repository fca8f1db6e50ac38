/** What a command came to. */
export interface Outcome {
  readonly exitCode: number;
  /** The one JSON document of `--json`; nothing for what runs until it is stopped. */
  readonly document?: unknown;
  /** What people read on standard output, without the last line's end. */
  readonly text?: string;
  /** What people read on standard error, a line each; with `--json` the document says it. */
  readonly notes?: readonly string[];
}

/** Options that every command knows. */
export interface CommonOptions {
  readonly config?: string;
  readonly json?: true;
}

/** Makes a commander action of a function; the program prints what it returns. */
export type Run = <Arguments extends unknown[]>(
  action: (...given: Arguments) => Promise<Outcome>,
) => (...given: Arguments) => Promise<void>;
