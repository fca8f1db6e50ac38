import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { revokeByAdmin, statusByAdmin } from "../support/admin-client.ts";
import { type Daemon, startDaemon } from "../support/daemon.ts";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { authorityUnder } from "../support/processes.ts";
import { mustRun, run } from "../support/run-program.ts";
import { goodCsv } from "../support/site.ts";
import { removeFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { vouch } from "../support/vouch-cli.ts";
import { choosePlaces, type Places, vouchDocument, writeVouchFile } from "../support/vouch-file.ts";
import { serials } from "./office.ts";

const COUNT = 300;
const names = serials(COUNT);

/** Only root can mount a disk that is small enough to fill. */
async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const folder = tempFolder();
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).catch(
    () => undefined,
  );
  if (mounted?.code === 0) mustRun("umount", [folder]);
  removeFolder(folder);
  return mounted?.code === 0;
}

const isPossible = await canMount();
const note = isPossible ? "" : " [needs root, and mount]";

let places: Places;
let pki: Pki;
let daemon: Daemon | undefined;

beforeAll(async () => {
  if (!isPossible) return;
  places = await choosePlaces(tempFolder());
  pki = makePki({ algorithm: "ec", leaves: 0 });
  mkdirSync(places.data);
  mustRun("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", places.data]);
  writeVouchFile(places.config, vouchDocument(places, [{ name: "gov-1", pki, crl: false }]));
  const csv = join(places.folder, "many.csv");
  writeFileSync(csv, goodCsv(names));
  expect((await vouch(["init"], { config: places.config })).code).toBe(0);
  daemon = await startDaemon(places);
  const args = ["import", "gov-1", csv, "--format", "csv"];
  expect((await vouch(args, { config: places.config })).code).toBe(0);
});

afterAll(async () => {
  await daemon?.stop().catch(() => undefined);
  if (!isPossible) return;
  await run("umount", ["-l", places.data]);
  removeFolder(places.folder);
  pki.remove();
});

/** Takes every octet of the disk that is left. */
function fill(): void {
  const file = openSync(join(places.data, "filler"), "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096, 1));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
  } finally {
    closeSync(file);
  }
}

const asked = (name: string): Buffer => ocspRequest(pki, name);

/** Revokes one after the other until one is not acknowledged. */
async function revokeUntilRefused(): Promise<{ done: string[]; failed: string }> {
  const done: string[] = [];
  for (const name of names) {
    const report = await revokeByAdmin(places, "gov-1", name).catch(() => undefined);
    if (!report) return { done, failed: name };
    expect(report).toMatchObject({ changed: 1, unsigned: [] });
    done.push(name);
    if (done.length === 5) fill();
  }
  throw new Error("the disk was never full");
}

async function expectServed(done: readonly string[], failed: string): Promise<void> {
  const url = (daemon as Daemon).url;
  expect(await ocspSays(url, asked(failed))).toBe("good");
  for (const name of done.slice(-3)) expect(await ocspSays(url, asked(name))).toBe("revoked");
}

describe("a disk that is full", () => {
  it.skipIf(!isPossible)(
    `the authority ends and is replaced; what was acknowledged stays, what was not is never served${note}`,
    async () => {
      const { url, pid, stderr } = daemon as Daemon;
      const first = authorityUnder(pid);
      const { done, failed } = await revokeUntilRefused();
      expect(done.length).toBeGreaterThanOrEqual(5);
      await until(() => authorityUnder(pid) !== first, { what: "the authority to end" });
      const log = /"reason":"No space left on device","msg":"a write failed; ending/;
      await until(() => log.test(stderr()), { what: "the log to say so" });
      for (let time = 0; time < 5; time++) {
        await expectServed(done, failed);
        await sleep(100);
      }

      rmSync(join(places.data, "filler"));
      const status = await until(() => statusByAdmin(places, "gov-1", failed), {
        what: "an authority that answers",
      });
      expect(status).toMatchObject({ status: "good", certStatus: "good" });
      for (const name of done) {
        expect(await statusByAdmin(places, "gov-1", name)).toMatchObject({ status: "revoked" });
      }
      await expectServed(done, failed);
      expect(await revokeByAdmin(places, "gov-1", failed)).toMatchObject({ changed: 1 });
      await untilOcspSays(url, asked(failed), "revoked");
    },
  );
});
