import type { Command } from "commander";
import type { ReloadReport } from "../authority/admin-types.ts";
import type { Config } from "../config/config.ts";
import { withAuthority } from "./admin-client.ts";
import { asker } from "./asker.ts";
import { badConfiguration, problemText, readConfiguration } from "./configuration.ts";
import { examples } from "./examples.ts";
import type { CommonOptions, Outcome, Run } from "./outcome.ts";
import { warn } from "./output.ts";

/** Adds `vouch reload`. */
export function addReload(program: Command, run: Run): void {
  program
    .command("reload")
    .summary("apply a changed configuration file")
    .description(
      "Applies a changed configuration file inside the running processes, all or nothing. No connection is dropped.",
    )
    .addHelpText("after", examples("vouch check && vouch reload"))
    .action(run((_options: unknown, command: Command) => reload(command.optsWithGlobals())));
}

async function reload(options: CommonOptions): Promise<Outcome> {
  const config = await readConfiguration(options.config);
  const { amiss } = await withAuthority(config, (authority) =>
    authority.post<ReloadReport>("/reload", { by: asker(process.env) }),
  ).catch(async (error: unknown) => {
    await refuseMovedSocket(config);
    throw error;
  });
  for (const problem of amiss) warn(problemText(problem));
  await warnOfTls(config);
  return { exitCode: 0, document: {}, text: `done: ${config.file} is applied` };
}

/** The authority would refuse a file with another `admin`, and cannot be asked there. */
async function refuseMovedSocket(config: Config): Promise<void> {
  const { movedSocket } = await import("../setup/moved-socket.ts");
  const moved = await movedSocket(config);
  if (moved) throw badConfiguration([moved]);
}

/** Responders go on with the certificate from before where the files of a new one cannot be used. */
async function warnOfTls(config: Config): Promise<void> {
  const { checkTls } = await import("../setup/check-tls.ts");
  const clock = (): number => Math.floor(Date.now() / 1000);
  for (const finding of checkTls({ config, clock })) warn(problemText(finding));
}
