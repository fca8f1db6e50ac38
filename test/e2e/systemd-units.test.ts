import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { responderPaths } from "../../src/config/responder-paths.ts";
import { needs } from "../support/has-program.ts";
import { run } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { ROOT } from "../support/vouch-cli.ts";

/*
 * The unit files as they are shipped, but for the clone's place: verify wants the program to be there.
 */

const FOLDER = fileURLToPath(new URL("../../systemd/", import.meta.url));
const SERVICES = ["vouch-authority.service", "vouch-responder@.service"];
const HIGHEST_EXPOSURE = 2.5;

const analyze = needs("systemd-analyze", "apt install systemd");
const sysusers = needs("systemd-sysusers", "apt install systemd");

let units: string;

function shipped(unit: string): string {
  return readFileSync(join(FOLDER, unit), "utf8");
}

beforeAll(() => {
  units = tempFolder();
  for (const unit of readdirSync(FOLDER).filter((name) => /\.(service|socket)$/.test(name))) {
    writeFileSync(join(units, unit), shipped(unit).replaceAll("/opt/vouch/", ROOT));
  }
});

analyze("systemd-analyze verify has nothing to say", async () => {
  const names = ["vouch-authority.service", "vouch-responder.socket", "vouch-responder@1.service"];
  const files = names.map((name) => join(units, name));
  const ended = await run("systemd-analyze", ["verify", "--man=no", ...files]);
  expect(ended).toEqual({ code: 0, stdout: "", stderr: "" });
});

for (const service of SERVICES) {
  analyze(`${service} is exposed by at most ${HIGHEST_EXPOSURE}`, async () => {
    const args = ["security", "--offline=true", "--no-pager", join(units, service)];
    const { stdout } = await run("systemd-analyze", args);
    const exposure = /Overall exposure level for \S+: (\d+\.\d+)/.exec(stdout)?.[1];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(HIGHEST_EXPOSURE);
  });
}

describe("the units", () => {
  it.each(SERVICES)("%s has no network or PID namespace of its own", (service) => {
    expect(shipped(service)).not.toMatch(/^(PrivateNetwork|PrivatePIDs|JoinsNamespaceOf)=/m);
  });

  it("run under users of their own, and the responder's has no more than the store's group", () => {
    const [authority, responder] = SERVICES.map(shipped);
    expect(authority).toMatch(/^User=vouch$/m);
    expect(responder).toMatch(/^User=vouch-responder$/m);
    expect(responder).toMatch(/^Group=vouch-store$/m);
    expect(responder).not.toMatch(/^(SupplementaryGroups|AmbientCapabilities=.+)/m);
  });

  it("let a responder read what `serve` lets it read, in a production's places", async () => {
    const config = join(tempFolder(), "vouch.yaml");
    const https =
      '{ listen: "[::]:443", certificate: /etc/vouch/tls/a.pem, key: /etc/vouch/tls/a.key }';
    writeFileSync(config, `data: /var/lib/vouch\npublic: { https: ${https} }\nissuers: []\n`);
    const loaded = await loadConfig(config);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { toStart, toServe } = responderPaths(loaded.config);
    const wanted = [...toStart, ...toServe].map((path) =>
      path.replace(ROOT, "/opt/vouch/").replace(config, "/etc/vouch/vouch.yaml"),
    );
    const granted = shipped("vouch-responder@.service").match(/(?<=--allow-fs-read=)\S+/g);
    // TLS as a folder: the files' names are the operator's.
    const files = wanted.map((path) =>
      path.startsWith("/etc/vouch/tls/") ? "/etc/vouch/tls" : path,
    );
    expect(new Set(granted)).toEqual(new Set(files));
  });
});

sysusers("users and groups are made as README says", async () => {
  const root = tempFolder();
  mkdirSync(join(root, "etc"));
  const file = join(FOLDER, "sysusers.d", "vouch.conf");
  expect((await run("systemd-sysusers", [`--root=${root}`, file])).code).toBe(0);
  const groups = readFileSync(join(root, "etc/group"), "utf8");
  const store = /^vouch-store:x:(\d+):vouch$/m.exec(groups)?.[1];
  expect(groups).toMatch(/^vouch-admin:x:\d+:vouch$/m);
  const users = readFileSync(join(root, "etc/passwd"), "utf8");
  expect(users).toMatch(new RegExp(`^vouch-responder:x:\\d+:${store}:`, "m"));
});
