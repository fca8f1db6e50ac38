import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { type FileSystem, spaceFindings, typeFindings } from "../../src/setup/check-disk.ts";
import { NODE, ROOT, vouchEnvironment } from "../support/vouch-cli.ts";
import { found, plantedSetup } from "./planted.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const EXT4 = 0xef53;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function space(free: number, size: number): string[] {
  return spaceFindings("/var", { type: EXT4, free, size }).map(({ weight }) => weight);
}

describe("room on the disk", () => {
  it.each([
    ["plenty", 50 * GIB, 100 * GIB, []],
    ["a GiB of a small disk", GIB, 10 * GIB, []],
    ["less than a GiB", GIB - MIB, 10 * GIB, ["warning"]],
    ["less than 5 %", 4.9 * GIB, 100 * GIB, ["warning"]],
    ["100 MiB", 100 * MIB, GIB, ["warning"]],
    ["less than 100 MiB", 99 * MIB, GIB, ["problem"]],
    ["nothing", 0, GIB, ["problem"]],
  ])("%s", (_, free, size, weights) => {
    expect(space(free, size)).toEqual(weights);
  });

  it("says how much there is", () => {
    const [finding] = spaceFindings("/var", { type: EXT4, free: 512 * MIB, size: 20 * GIB });
    expect(finding).toMatchObject({ where: "/var" });
    expect(finding?.problem).toContain("512 MiB (2 %)");
  });

  const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;
  const note = canMount ? "" : " [needs root: a small disk is mounted]";
  it.skipIf(!canMount)(`a disk of 50 MiB is found too small by the command${note}`, async () => {
    const { places, remove } = await plantedSetup();
    cleanUps.push(remove);
    // In a mount namespace of its own: what is mounted there goes with the process.
    const script = `cp -a "$1" "$1.kept" && mount -t tmpfs -o size=50m,mode=2750 tmpfs "$1" &&
      cp -a "$1.kept/." "$1" && exec "$2" src/vouch.js check --json --config "$3"`;
    const args = ["-m", "sh", "-c", script, "sh", places.data, NODE, places.config];
    const done = spawnSync("unshare", args, {
      cwd: ROOT,
      encoding: "utf8",
      env: vouchEnvironment(),
    });
    expect(done.status, done.stderr).toBe(2);
    const { problems } = JSON.parse(done.stdout);
    expect(problems).toHaveLength(1);
    expect(found(problems, places.data, "MiB", "are free")).toBeDefined();
  });
});

describe("the kind of file system", () => {
  const kind = (type: number): FileSystem => ({ type, free: GIB, size: GIB });

  it.each([
    ["NFS", 0x6969],
    ["SMB", 0x517b],
    ["CIFS", 0xff534d42],
  ])("%s is a problem", (name, type) => {
    const [finding] = typeFindings("/var", kind(type));
    expect(finding).toMatchObject({ weight: "problem", where: "/var" });
    expect(finding?.problem).toContain(name);
  });

  it("FUSE is a warning", () => {
    expect(typeFindings("/var", kind(0x65735546))[0]).toMatchObject({ weight: "warning" });
  });

  it("a disk of this machine is neither", () => {
    for (const type of [EXT4, 0x58465342, 0x01021994]) {
      expect(typeFindings("/var", kind(type))).toEqual([]);
    }
  });
});
