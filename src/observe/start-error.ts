/** A process cannot start, or not go on: why, and what to do; the command prints both. */
export class StartError extends Error {
  override name = "StartError";
  readonly code: "storeMissing" | "storeDamaged" | "alreadyRunning" | "configuration" | "internal";
  readonly do: string;

  constructor(code: StartError["code"], message: string, remedy: string) {
    super(message);
    this.code = code;
    this.do = remedy;
  }
}
