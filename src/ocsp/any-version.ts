import type { LenientReader } from "../der/lenient-reader.ts";
import { contextTag } from "../der/reader.ts";

/** Passes the version of a request or an answer by: v1 written out is a flaw, as is any other version. */
export function readAnyVersion(reader: LenientReader): void {
  const where = reader.place;
  const version = reader.optional(contextTag(0), () => reader.smallInteger());
  if (version === undefined) return;
  reader.note(
    version === 0
      ? { where, problem: "not DER: v1 is the default and is left out", ...V1 }
      : { where, problem: `version v${version + 1}, and there is only v1`, ...OTHER },
  );
}

const V1 = { rule: "X.690 11.5", weight: "error" } as const;
const OTHER = { rule: "RFC 6960 4.1.1", weight: "error" } as const;
