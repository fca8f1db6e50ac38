import type { ErrorCode, ErrorDocument } from "../authority/admin-types.ts";

/** The exit code of the command for every code of an error. */
export const EXIT_CODES: Readonly<Record<ErrorCode, 1 | 2 | 4>> = {
  usage: 2,
  configuration: 2,
  storeMissing: 2,
  storeDamaged: 1,
  authorityUnreachable: 4,
  unknownIssuer: 1,
  unknownCertificate: 1,
  alreadyRunning: 1,
  reasonRefused: 1,
  holdRefused: 1,
  statusFromCRL: 1,
  alreadyRevoked: 1,
  badTime: 1,
  notRecorded: 1,
  badFile: 1,
  signingFailed: 1,
  noCRL: 1,
  clockStopped: 1,
  internal: 1,
};

/** A command could not run: what is wrong, and what to do about it. Either may be several lines. */
export class Failure extends Error {
  override name = "Failure";
  readonly code: ErrorCode;
  readonly do: string;
  /** What people read instead of message and `do`. */
  readonly text: string | undefined;

  constructor(code: ErrorCode, message: string, remedy: string, text?: string) {
    super(message);
    this.code = code;
    this.do = remedy;
    this.text = text;
  }

  get document(): ErrorDocument {
    return { error: { code: this.code, message: this.message, do: this.do } };
  }
}

/** Whatever was thrown, as a failure. Layers below throw errors with `code` and `do` of their own. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (saysWhatToDo(error)) return new Failure(error.code, error.message, error.do);
  const ofSystem = "syscall" in error && systemFailure(error as NodeJS.ErrnoException);
  if (ofSystem) return ofSystem;
  const { VOUCH_DEBUG: wantsTrace } = process.env;
  const trace = wantsTrace ? `\n${error.stack}` : "";
  return new Failure("internal", `${error.message}${trace}`, REPORT);
}

/** The kernel has refused something that a command needs. */
function systemFailure({ code = "", path, message }: NodeJS.ErrnoException): Failure | undefined {
  const remedy = MACHINE_REMEDIES[code];
  if (remedy) return new Failure("internal", path ? `${path}: ${message}` : message, remedy);
  if (path === undefined) return undefined;
  return new Failure("badFile", message, "check that the path is right and may be used");
}

const MAKE_ROOM = "make room there, then give the same command again";
const OPEN_FILES = "raise the limit of open files (ulimit -n, LimitNOFILE=), or close others";

/** What to do about what ails the machine, by the error's code. */
const MACHINE_REMEDIES: Readonly<Partial<Record<string, string>>> = {
  ENOSPC: MAKE_ROOM,
  EDQUOT: MAKE_ROOM,
  EFBIG: "raise the limit on the size of files (ulimit -f, LimitFSIZE=)",
  EROFS:
    "the file system is read-only: see the kernel's log (dmesg) for why, and mount it for writing",
  EIO: "the disk fails: see the kernel's log (dmesg)",
  EMFILE: OPEN_FILES,
  ENFILE: OPEN_FILES,
};

const REPORT = "this should not happen: set VOUCH_DEBUG=1, try again, and report what it prints";

function saysWhatToDo(error: Error): error is Error & { code: ErrorCode; do: string } {
  if (!("code" in error && "do" in error)) return false;
  return Object.hasOwn(EXIT_CODES, String(error.code)) && typeof error.do === "string";
}
