import { expect, it } from "vitest";
import { ConnectionCount } from "../../src/responder/connection-count.ts";

it("lets each client have so many connections at a time", () => {
  const count = new ConnectionCount(2);
  const first = count.enter("192.0.2.1");
  expect(first).toBeDefined();
  expect(count.enter("192.0.2.1")).toBeDefined();
  expect(count.enter("192.0.2.1")).toBeUndefined();
  expect(count.enter("192.0.2.2")).toBeDefined();
  first?.();
  expect(count.enter("192.0.2.1")).toBeDefined();
  expect(count.enter("192.0.2.1")).toBeUndefined();
});

it("takes a /64 of IPv6 for one client", () => {
  const count = new ConnectionCount(1);
  expect(count.enter("2001:db8::1")).toBeDefined();
  expect(count.enter("2001:db8::ffff:1")).toBeUndefined();
  expect(count.enter("2001:db8:0:1::1")).toBeDefined();
});

it("keeps nothing of a client that has left", () => {
  const count = new ConnectionCount(1);
  for (let time = 0; time < 3; time++) {
    const leave = count.enter("192.0.2.1");
    expect(leave).toBeDefined();
    leave?.();
  }
});
