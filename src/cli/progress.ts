import type { SingleBar } from "cli-progress";

/** Told how much of how much is done. */
export type Progress = (done: number, total: number) => void;

/** Shows a bar on standard error while `work` is under way; nothing where that is no terminal. */
export async function withProgress<Result>(
  doing: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  if (!process.stderr.isTTY) return work(() => {});
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${doing} {bar} {value}/{total}, {eta_formatted} left`,
    clearOnComplete: true,
    // Neither cursor nor wrapping is changed, so that Ctrl-C leaves a terminal as it was.
    linewrap: true,
  });
  try {
    return await work((done, total) => show(bar, done, total));
  } finally {
    bar.stop();
  }
}

function show(bar: SingleBar, done: number, total: number): void {
  if (!bar.isActive) bar.start(total, done);
  bar.setTotal(total);
  bar.update(done);
}
