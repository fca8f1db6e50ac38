import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { threadId } from "node:worker_threads";

/*
 * Runs in a signing thread before anything else: what sign-answers.ts and sign-live.ts import is replaced by the
 * modules of the same name in this folder, which do their work wrongly.
 */

const REPLACED: Readonly<Record<string, readonly string[]>> = {
  "sign-answers.ts": ["/src/ocsp/answer.ts", "/src/signing/keys.ts", "/src/signing/packing.ts"],
  "sign-live.ts": ["/src/ocsp/live-answer.ts", "/src/signing/keys.ts"],
};

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [, importer = ""] = /\/src\/signing\/([^/]+)$/.exec(context.parentURL ?? "") ?? [];
    const replaced = REPLACED[importer]?.find((path) => found.url.endsWith(path));
    if (replaced === undefined) return found;
    return {
      ...found,
      url: new URL(replaced.slice(replaced.lastIndexOf("/") + 1), import.meta.url).href,
    };
  },
});

appendFileSync(process.env["PLANTED_LOG"] ?? "", `${process.pid} ${threadId}\n`);
