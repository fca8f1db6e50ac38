import { styleText } from "node:util";
import type { Failure } from "./failure.ts";
import type { Outcome } from "./outcome.ts";

type Colour = "red" | "yellow" | "green" | "bold" | "dim";

/** Text in a colour where standard output is a terminal, and plain elsewhere. */
export function coloured(colour: Colour, text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

/** Tells people something besides the result, on standard error. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Warns on standard error, whether or not the result goes out as JSON. */
export function warn(text: string): void {
  tell(`${styleText("yellow", "warning:", { stream: process.stderr })} ${text}`);
}

/** Prints what a command came to: one JSON document, or text. */
export function printOutcome(outcome: Outcome, json: boolean): void {
  if (json) {
    printDocument(outcome.document);
    return;
  }
  if (outcome.text !== undefined) process.stdout.write(`${outcome.text}\n`);
  for (const note of outcome.notes ?? []) tell(note);
}

/** Prints why a command could not run. */
export function printFailure(failure: Failure, json: boolean): void {
  if (json) {
    printDocument(failure.document);
    return;
  }
  const title = styleText("red", "error:", { stream: process.stderr });
  tell(failure.text ?? `${title} ${failure.message}\n${indented(failure.do)}`);
}

/** Every line two columns to the right. */
function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}

/**
 * A pipe that was closed early (`vouch crl list | head -1`) is no error. That a result could not be written is one, told
 * and exit 1, whatever came of the command; that messages could not be keeps nobody from the result.
 */
export function forgiveUnwritten(): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    tell(
      `error: the result could not be written to standard output (${message})\n  what the command did stands; ask again for the result`,
    );
    process.once("exit", () => {
      process.exitCode ||= 1;
    });
  });
}

function printDocument(document: unknown): void {
  if (document !== undefined) process.stdout.write(`${JSON.stringify(document)}\n`);
}
