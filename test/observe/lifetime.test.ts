import { afterEach, expect, it } from "vitest";
import { hearHangUps } from "../../src/observe/lifetime.ts";

afterEach(() => {
  process.removeAllListeners("SIGHUP");
});

it("a hang-up while a process starts is acted upon once it has started, and each one after it", () => {
  const onHangUp = hearHangUps();
  process.emit("SIGHUP");
  process.emit("SIGHUP");
  let acted = 0;
  onHangUp(() => acted++);
  expect(acted).toBe(1);
  process.emit("SIGHUP");
  expect(acted).toBe(2);
});

it("where none came, nothing is done", () => {
  const onHangUp = hearHangUps();
  let acted = 0;
  onHangUp(() => acted++);
  expect(acted).toBe(0);
});
