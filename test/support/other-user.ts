import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NODE = `${ROOT}node_modules/.bin/node`;

/** How to run as somebody else: root can be nobody; anyone else is, for files of mode 0, already. */
export const OTHER_USER: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Whether that user can run the program from this clone: not from below a folder of mode 0700. */
const canRun =
  spawnSync(NODE, ["src/vouch.js", "--help"], { cwd: ROOT, ...OTHER_USER }).status === 0;

/** `it` for tests that run the program as another user; skipped by name where that user cannot reach it. */
export const itAsOtherUser: (name: string, body: () => Promise<void> | void) => void = (
  name,
  body,
) => {
  const note = canRun ? "" : " [needs a clone that other users can read: chmod o+x its folders]";
  it.skipIf(!canRun)(`${name}${note}`, body);
};
