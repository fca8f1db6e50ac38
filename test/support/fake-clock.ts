import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A clock that can be set while the program runs on it, by libfaketime; time that passes is left alone. */
export interface FakeClock {
  /** The environment of a program that is to run on this clock. */
  readonly env: NodeJS.ProcessEnv;
  /** Sets it this many seconds before or after the real one. */
  set(offset: number): void;
}

/** Makes one that is right so far; its file is put into `folder`. */
export function fakeClock(folder: string): FakeClock {
  const file = join(folder, "faketime.rc");
  const set = (offset: number): void => {
    // Whole at every moment: it is read all the time.
    writeFileSync(`${file}.new`, `${offset < 0 ? "" : "+"}${offset}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    env: {
      // $LIB is the loader's own, and stands for the machine's folder of libraries.
      LD_PRELOAD: "/usr/$LIB/faketime/libfaketimeMT.so.1",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_NO_CACHE: "1",
    },
    set,
  };
}
