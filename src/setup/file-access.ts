import { accessSync, type Stats, statSync } from "node:fs";

/** A file's state, or nothing where it is missing or this user may not look. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** A mode as chmod takes it: four octal digits. */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

/** Why this user may not do to `path` what `mode` says (W_OK, R_OK …), as an error code; nothing where it may. */
export function accessFault(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
