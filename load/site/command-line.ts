/** What the command line asks for; prints the usage and ends where it asks for help, and with 2 where it is wrong. */
export function askedFor<T extends object>(
  read: (args: readonly string[]) => T | "help",
  usage: string,
): T {
  try {
    const asked = read(process.argv.slice(2));
    if (asked !== "help") return asked;
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

/** A line of progress. */
export function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}
