import { constants } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { accessFault } from "./file-access.ts";
import { type Finding, problem, type Setup } from "./finding.ts";
import { shellWord } from "./shell-word.ts";

/** A folder in which the daemon makes files or sockets, by the configuration's key for them. */
interface WrittenFolder {
  readonly key: "data" | "admin" | "liveSign";
  readonly folder: string;
}

/** Whether the daemon could make its files and sockets; where it runs, it has. */
export async function checkFolders({ config }: Setup): Promise<Finding[]> {
  if (await isListening(config.admin)) return [];
  return writtenFolders(config).flatMap(folderFault);
}

function writtenFolders({ data, admin, liveSign }: Config): WrittenFolder[] {
  const all: WrittenFolder[] = [
    { key: "data", folder: data },
    { key: "admin", folder: dirname(admin) },
    { key: "liveSign", folder: dirname(liveSign) },
  ];
  return all.filter(({ folder }, i) => all.findIndex((one) => one.folder === folder) === i);
}

function folderFault({ key, folder }: WrittenFolder): Finding[] {
  const code = accessFault(folder, constants.W_OK | constants.X_OK);
  if (code === undefined) return [];
  // Where data is missing the store is, and its check says so.
  if (code === "ENOENT") return key === "data" ? [] : [missing(key, folder)];
  return [
    problem({
      where: folder,
      problem: `this user may not write there, where ${key} lies`,
      do: `run check as the user that runs vouch; if it is that: chown vouch ${shellWord(folder)}`,
    }),
  ];
}

function missing(key: string, folder: string): Finding {
  return problem({
    where: folder,
    problem: `there is no such folder, and the ${key} socket is to be in it`,
    do: `mkdir -p ${shellWord(folder)}; its owner must be the user that runs vouch`,
  });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Any other error, as a lack of permission, is no sign that nobody listens.
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== "ENOENT" && code !== "ECONNREFUSED"),
    );
  });
}
