import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ocspRequest, ocspSays, untilOcspSays } from "../support/ocsp-client.ts";
import { makePki, type Pki } from "../support/openssl-pki.ts";
import { goodCsv, type Site, startSite } from "../support/site.ts";
import { until } from "../support/until.ts";

let pki: Pki;
let site: Site;
let folder: string;

beforeAll(async () => {
  pki = makePki({ algorithm: "ec", leaves: 1 });
  site = await startSite({ issuers: [{ name: "gov-1", pki, crl: false }] });
  folder = join(site.places.data, "incoming", "gov-1");
  await until(() => existsSync(join(folder, "done")), { what: "the folder" });
});

afterAll(async () => {
  await site?.close();
});

const untilGood = (serialNumber: string): Promise<void> =>
  untilOcspSays(site.daemon.url, ocspRequest(pki, serialNumber), "good");

/** Writes a file aside and gives it its name. */
function moveIn(name: string, content: string): void {
  writeFileSync(join(folder, `.${name}`), content);
  renameSync(join(folder, `.${name}`), join(folder, name));
}

const inFolder = (part: "" | "done" | "bad"): string[] => readdirSync(join(folder, part));
/** Errors in the log about what came in. */
const errors = (): number =>
  site.daemon
    .stderr()
    .concat(site.daemon.stdout())
    .split("\n")
    .filter((line) => /incoming files/.test(line) && /"level":"?(50|error)/.test(line)).length;

/** What is written in place while another file comes whole, and what OCSP says then to the other's and its first. */
async function writtenInPlace(
  round: number,
): Promise<{ first: string; last: string; said: string[]; longestPause: number }> {
  const serial = (number: number): string => (0x30_00_00 + round * 0x1_00_00 + number).toString(16);
  const [quick, first] = [serial(0), serial(1)];
  const asked = [quick, first].map((name) => ocspRequest(pki, name));
  const slow = join(folder, `slow-${round}.csv`);
  writeFileSync(slow, goodCsv([first]));
  let [written, longestPause, lines] = [performance.now(), 0, 1];
  moveIn(`quick-${round}.csv`, goodCsv([quick]));
  let said: string[] = [];
  while (said[0] !== "good") {
    said = await Promise.all(asked.map((der) => ocspSays(site.daemon.url, der)));
    appendFileSync(slow, `${serial(++lines)},2036-01-01T00:00:00Z,good\n`);
    longestPause = Math.max(longestPause, performance.now() - written);
    written = performance.now();
    await sleep(100);
  }
  return { first, last: serial(lines), said, longestPause };
}

describe("data/incoming/NAME", () => {
  it("takes many files at once", async () => {
    const serials = Array.from({ length: 60 }, (_, i) => (0x20_00_00 + i).toString(16));
    for (const serial of serials) moveIn(`${serial}.csv`, goodCsv([serial]));
    for (const serial of serials) await untilGood(serial);
    await until(() => inFolder("done").length === serials.length, { what: "all in done/" });
    expect(inFolder("bad")).toEqual([]);
  });

  it("waits for one that is still being written in place, and is not held up by it", async () => {
    for (let round = 0, isTold = false; !isTold; round++) {
      const { first, last, said, longestPause } = await writtenInPlace(round);
      // Where the machine kept this process from writing for longer, the file may have looked whole.
      isTold = longestPause < 1_000;
      if (isTold) expect(said).toEqual(["good", "unauthorized"]);
      await untilGood(last);
      await untilGood(first);
    }
  });

  it("takes files whose names leave no room for more", async () => {
    for (const [letter, content] of [
      ["ộ", goodCsv(["c7"])],
      ["ứ", "no register\n"],
    ] as const) {
      writeFileSync(join(folder, ".aside"), content);
      renameSync(join(folder, ".aside"), join(folder, `${letter.repeat(83)}.csv`));
    }
    await untilGood("c7");
    const named = (part: "" | "done" | "bad", letters: string): string[] =>
      inFolder(part).filter((name) => name.includes(letters));
    await until(() => named("done", "ộộ").length === 1 && named("bad", "ứứ").length === 2, {
      what: "both put away",
    });
    expect([named("", "ộộ"), named("", "ứứ")]).toEqual([[], []]);
    for (const name of named("bad", "ứứ")) rmSync(join(folder, "bad", name));
  });

  it("is not held up by files that come and go", async () => {
    const end = Date.now() + 3_000;
    for (let count = 0; Date.now() < end; count++) {
      writeFileSync(join(folder, `passing-${count}`), "x");
      await sleep(2);
      rmSync(join(folder, `passing-${count}`));
    }
    moveIn("after.csv", goodCsv(["b2"]));
    await untilGood("b2");
  });

  it("puts aside what cannot be read at all, says so once, and imports the rest", async () => {
    const before = errors();
    const huge = openSync(join(folder, "huge.pem"), "w");
    // Takes no room on the disk.
    ftruncateSync(huge, 3 * 1024 ** 3);
    closeSync(huge);
    moveIn("beside.csv", goodCsv(["b3"]));
    moveIn("headless.csv", "notAfter,status\n2036-01-01T00:00:00Z,good\n");
    moveIn("ownerless.bin", "\u0000\u0001\u0002");
    await untilGood("b3");
    await until(() => inFolder("bad").length === 6, {
      what: "three files in bad/, with reasons",
    });
    const reason = inFolder("bad").find((name) => name.endsWith("huge.pem.reason.txt")) ?? "";
    expect(readFileSync(join(folder, "bad", reason), "utf8")).toMatch(/2 GiB/);
    await until(() => errors() > before, { what: "the log to say so" });
    const told = errors();
    await sleep(3_000);
    expect(errors()).toBe(told);
    expect(inFolder("").sort()).toEqual(["bad", "done"]);
  });
});
