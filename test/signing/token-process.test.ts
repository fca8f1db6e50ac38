import { utimesSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import { hasProgram, needs } from "../support/has-program.ts";
import { argumentsOf, descendants } from "../support/processes.ts";
import { INSTALL_SOFTHSM } from "../support/softhsm.ts";
import { until } from "../support/until.ts";
import { makeTokenSite, type TokenSite } from "./token-site.ts";

/* The process of a token that crashes, is killed, or of which another comes in its place. */

const it = hasProgram("cc")
  ? needs("softhsm2-util", INSTALL_SOFTHSM)
  : needs("cc", "apt-get install gcc libc6-dev");
const KILLS = 10;

let site: TokenSite;

beforeAll(() => {
  if (hasProgram("softhsm2-util") && hasProgram("cc")) site = makeTokenSite(2, "one");
});
afterAll(() => site?.close());

const tokenProcesses = (): number[] =>
  descendants(process.pid).filter((pid) => argumentsOf(pid).some((one) => /token\.ts$/.test(one)));

for (const call of ["C_Initialize", "C_OpenSession", "C_Login"] as const) {
  it(`that crashes in ${call} is told, and the next job has another`, async () => {
    await site.restart();
    site.token.become(`crash ${call}`);
    await expect(site.sign()).rejects.toThrow("the token's process ended unasked (SIGKILL)");
    site.token.become("sound");
    expect(await site.sign()).toBe(1);
  });
}

it("killed again and again under load it fails the jobs that it has, and no other", async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const told = Array.from({ length: 4 }, () =>
      site.sign(undefined, 50).catch((error: Error) => error.message),
    );
    // Half of the times as it starts, half of the times in the midst of its work.
    if (kill % 2 === 1) await Promise.race(told);
    for (const pid of tokenProcesses()) process.kill(pid, "SIGKILL");
    for (const one of await Promise.all(told)) {
      expect(String(one)).toMatch(/^(50|the token's process ended unasked.*)$/);
    }
  }
  expect(await site.sign()).toBe(1);
}, 60_000);

it("does not try a PIN that was refused in the process before it", async () => {
  await site.restart();
  writeFileSync(site.token.pinFile, "00000000");
  expect(await site.probe()).toMatchObject({ state: "unusable" });
  expect(site.token.counted("refused")).toBe(1);
  site.token.become("crash C_OpenSession");
  await expect(site.sign()).rejects.toThrow(/ended unasked/);
  site.token.become("sound");
  await expect(site.sign()).rejects.toThrow(/refuses the PIN/);
  expect(site.token.counted("refused")).toBe(1);
  // The token's own PIN may be set to that of the file meanwhile: whoever does that touches the file.
  utimesSync(site.token.pinFile, new Date(), new Date());
  await expect(site.sign()).rejects.toThrow(/refuses the PIN/);
  expect(site.token.counted("refused")).toBe(2);
  writeFileSync(site.token.pinFile, site.token.pin);
  expect(await site.sign()).toBe(1);
});

it("whose token has forgotten the login: it is away, which no person has to put right", async () => {
  site.token.become("forget C_FindObjects");
  const fault = "the token was lost meanwhile";
  expect(await site.probe()).toEqual({ state: "away", fault });
  site.token.become("sound");
  await until(async () => (await site.probe()).state === "signs", { what: "the key to sign" });
  await until(() => tokenProcesses().length === 1, { what: "the process of before to end" });
  expect(await site.sign()).toBe(1);
});
