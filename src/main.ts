import { runCommand } from "./cli/run.ts";

// Not process.exit: output that a slow pipe has not taken yet would be cut.
process.exitCode = await runCommand(process.argv.slice(2));
