import { tell } from "./output.ts";

/**
 * While `work` is under way, Ctrl-C says what stays of it, and then ends the command as it does anywhere: what was
 * asked of the authority goes on there.
 */
export async function sayingWhatStays<Result>(
  text: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const end = (): void => {
    tell(`\ninterrupted: ${text}`);
    process.kill(process.pid, "SIGINT");
  };
  process.once("SIGINT", end);
  try {
    return await work();
  } finally {
    process.off("SIGINT", end);
  }
}
