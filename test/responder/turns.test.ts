import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Turns } from "../../src/responder/turns.ts";

it("gives each a turn of its own, in their order, and what one brings about one behind the others", async () => {
  const turns = new Turns();
  const taken: string[] = [];
  turns.wait(() => {
    taken.push("first");
    turns.wait(() => taken.push("of the first"));
  });
  turns.wait(() => taken.push("second"));
  const seen: number[] = [];
  while (taken.length < 3) {
    await turn();
    seen.push(taken.length);
  }
  expect(taken).toEqual(["first", "second", "of the first"]);
  expect(seen).toEqual([1, 2, 3]);
});

it("goes on after everybody has had a turn", async () => {
  const turns = new Turns();
  const taken: number[] = [];
  for (const i of [1, 2]) {
    turns.wait(() => taken.push(i));
    await turn();
    await turn();
  }
  expect(taken).toEqual([1, 2]);
});

it("has a turn for the next one when one goes wrong", async () => {
  const turns = new Turns();
  const wrong = new Error("went wrong");
  const caught = new Promise((resolve) => {
    process.setUncaughtExceptionCaptureCallback(resolve);
  });
  const next = new Promise<string>((resolve) => {
    turns.wait(() => {
      throw wrong;
    });
    turns.wait(() => resolve("taken"));
  });
  expect(await Promise.all([caught, next])).toEqual([wrong, "taken"]);
  process.setUncaughtExceptionCaptureCallback(null);
});
