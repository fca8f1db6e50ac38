const tasks: (() => void)[] = [];

/** Does this when the process ends; vitest ends its workers with SIGTERM, which alone would run nothing. */
export function atExit(task: () => void): void {
  if (tasks.length === 0) {
    process.once("SIGTERM", () => process.exit(143));
    process.once("exit", () => {
      for (const each of tasks) each();
    });
  }
  tasks.push(task);
}
